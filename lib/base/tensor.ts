import { types } from 'node:util';
import { describe, expected, GatecastError, hasMemory } from './errors.ts';
import { isArray, isRecord, reading } from './values.ts';

/** A dense row-major array of 32-bit floats; `shape` lists its dimensions, outermost first. */
export interface Tensor {
  shape: number[];
  data: Float32Array;
}

/** Named weights, as PyTorch's `state_dict()` gives them. */
export type StateDict = Record<string, Tensor>;

/** The number of elements of a shape; 1 for a scalar (`[]`). */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Throws `invalid-shape`, naming the tensor `name`, unless `value` is a tensor whose data fills its shape. */
export function checkTensor(value: unknown, name: string): asserts value is Tensor {
  readTensor(value, name);
}

/** Reads the shape and the data once each, so that what was checked is what is used. Throws as `checkTensor` does. */
export function readTensor(value: unknown, name: string): Tensor {
  const fail = (what: string, where: string, received: unknown): never => {
    throw new GatecastError('invalid-shape', expected(what, where, received));
  };
  if (!isRecord(value)) return fail('a tensor { shape, data }', name, value);
  const given = reading(name, () => ({ shape: (value as Tensor).shape, data: (value as Tensor).data }));
  if (!isArray(given.shape)) return fail('a tensor { shape, data }', name, value);
  const { data } = given;
  if (!types.isFloat32Array(data) || !hasMemory(data)) return fail('a Float32Array', `the data of ${name}`, data);
  const shape = reading(`the shape of ${name}`, () => {
    if (given.shape.length > MOST_DIMENSIONS) fail('a few dimensions', `the shape of ${name}`, given.shape);
    return Array.from(given.shape);
  });
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) fail('whole numbers >= 0', `the shape of ${name}`, size);
  }
  const count = elementCount(shape);
  // V8 may still report the old length of an array whose memory was transferred away; the buffer's length is right.
  if (data.length !== count || data.buffer.byteLength < 4 * count) {
    throw new GatecastError(
      'invalid-shape',
      `Expected ${count} values for ${name} of shape [${shape.join(', ')}] but received ${describe(data)}.`,
    );
  }
  return { shape, data };
}

/** The limit of PyTorch. */
const MOST_DIMENSIONS = 64;
