import { describe, expected, GatecastError } from './errors.ts';

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

/** Checks that `value` is a tensor whose data fills its shape. Throws `invalid-shape`, naming the tensor `name`. */
export function checkTensor(value: unknown, name: string): asserts value is Tensor {
  const tensor = value as Tensor;
  if (typeof value !== 'object' || value === null || !Array.isArray(tensor.shape)) {
    throw new GatecastError('invalid-shape', expected('a tensor { shape, data }', name, value));
  }
  // A proxy of an array is an instance of its class but no view of memory.
  if (!(tensor.data instanceof Float32Array && ArrayBuffer.isView(tensor.data))) {
    throw new GatecastError('invalid-shape', expected('a Float32Array', `the data of ${name}`, tensor.data));
  }
  for (const size of tensor.shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new GatecastError('invalid-shape', expected('whole numbers >= 0', `the shape of ${name}`, size));
    }
  }
  const count = elementCount(tensor.shape);
  // V8 may go on telling the old length of an array whose memory was transferred away; its buffer tells the truth.
  if (tensor.data.length !== count || tensor.data.buffer.byteLength < 4 * count) {
    throw new GatecastError(
      'invalid-shape',
      `Expected ${count} values for ${name} of shape [${tensor.shape.join(', ')}] but received ${describe(tensor.data)}.`,
    );
  }
}
