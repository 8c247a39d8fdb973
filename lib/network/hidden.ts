import { expected, GatecastError, misfit } from '../base/errors.ts';
import { elementCount, readTensor, type Tensor } from '../base/tensor.ts';
import { isRecord, reading } from '../base/values.ts';
import { cSize, type NetworkSpec, recurrentSize } from './network-spec.ts';

/**
 * The state of all layers: h, and c where the cell has one. Index of a layer and direction: layer * directions +
 * direction.
 */
export interface Hidden {
  /** [layers * directions, batch, R], or without a batch [layers * directions, R]; R is projSize or hiddenSize. */
  h: Tensor;
  /** The same shape with hiddenSize for R; an LSTM has it, a GRU does not. */
  c?: Tensor;
}

/** Shapes of h and c; `batch` is empty for unbatched states. */
export function hiddenShapes(spec: NetworkSpec, batch: readonly number[]): { h: number[]; c: number[] | undefined } {
  const cells = spec.numLayers * (spec.bidirectional ? 2 : 1);
  return {
    h: [cells, ...batch, recurrentSize(spec)],
    c: cSize(spec) > 0 ? [cells, ...batch, cSize(spec)] : undefined,
  };
}

/** The zero state. */
export function zeroHidden(spec: NetworkSpec, batch: readonly number[]): Hidden {
  const { h, c } = hiddenShapes(spec, batch);
  const zeros = (shape: number[]): Tensor => ({ shape, data: new Float32Array(elementCount(shape)) });
  return c === undefined ? { h: zeros(h) } : { h: zeros(h), c: zeros(c) };
}

/** Checks a state against the network. In the message, `name` precedes `.h` and `.c`. */
export function checkHidden(value: unknown, spec: NetworkSpec, batch: readonly number[], name: string): Hidden {
  const { h, c } = hiddenShapes(spec, batch);
  if (!isRecord(value)) {
    const what = c === undefined ? 'an object with h' : 'an object with h and c';
    throw new GatecastError('invalid-shape', expected(what, name, value));
  }
  const hidden = value as Hidden;
  const read = (key: 'h' | 'c', shape: number[]) => {
    const tensor = reading(`${name}.${key}`, () => hidden[key]);
    return readShape(tensor, shape, `${name}.${key}`);
  };
  return c === undefined ? { h: read('h', h) } : { h: read('h', h), c: read('c', c) };
}

/** Reads a tensor of this shape with finite values. */
export function readShape(value: unknown, shape: readonly number[], name: string): Tensor {
  const tensor = readTensor(value, name);
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
    const received = `[${tensor.shape.join(', ')}]`;
    throw new GatecastError(
      'invalid-shape',
      `Expected shape [${shape.join(', ')}] for ${name} but received ${received}.`,
    );
  }
  checkFinite(tensor.data, name);
  return tensor;
}

/** Checks that no value is NaN or infinite. */
export function checkFinite(values: Float32Array, name: string): void {
  // Array methods would throw errors of their own for an array whose memory was transferred away; here its values read
  // as undefined.
  for (let k = 0; k < values.length; k++) {
    if (Number.isFinite(values[k])) continue;
    throw misfit('finite values', name, values[k]);
  }
}
