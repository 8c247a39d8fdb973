import { expected, GatecastError } from '../errors.ts';
import { checkTensor, elementCount, type Tensor } from '../tensor.ts';
import { type NetworkSpec, recurrentSize } from './network-spec.ts';

/** The state of all layers: h, and for an LSTM c. Index of a layer and direction: layer * directions + direction. */
export interface Hidden {
  /** [layers * directions, batch, R], or without batch [layers * directions, R]; R is projSize or hiddenSize. */
  h: Tensor;
  /** LSTM only: the same with hiddenSize for R. */
  c?: Tensor;
}

/** Shapes of h and c; `batch` is empty for unbatched states. */
export function hiddenShapes(spec: NetworkSpec, batch: readonly number[]): { h: number[]; c: number[] | undefined } {
  const cells = spec.numLayers * (spec.bidirectional ? 2 : 1);
  return {
    h: [cells, ...batch, recurrentSize(spec)],
    c: spec.cell === 'lstm' ? [cells, ...batch, spec.hiddenSize] : undefined,
  };
}

/** A state of zeros. */
export function zeroHidden(spec: NetworkSpec, batch: readonly number[]): Hidden {
  const { h, c } = hiddenShapes(spec, batch);
  const zeros = (shape: number[]): Tensor => ({ shape, data: new Float32Array(elementCount(shape)) });
  return c === undefined ? { h: zeros(h) } : { h: zeros(h), c: zeros(c) };
}

/** Checks a state against the network; `name` stands before `.h` and `.c` in the message. */
export function checkHidden(value: unknown, spec: NetworkSpec, batch: readonly number[], name: string): Hidden {
  if (typeof value !== 'object' || value === null) {
    throw new GatecastError('invalid-shape', expected('an object with h, and c for an LSTM,', name, value));
  }
  const hidden = value as Hidden;
  const { h, c } = hiddenShapes(spec, batch);
  checkShape(hidden.h, h, `${name}.h`);
  if (c === undefined) return { h: hidden.h };
  checkShape(hidden.c, c, `${name}.c`);
  return { h: hidden.h, c: hidden.c };
}

/** Checks that a tensor has this shape and finite values. */
export function checkShape(value: unknown, shape: readonly number[], name: string): asserts value is Tensor {
  checkTensor(value, name);
  if (value.shape.length !== shape.length || value.shape.some((size, axis) => size !== shape[axis])) {
    const received = `[${value.shape.join(', ')}]`;
    throw new GatecastError(
      'invalid-shape',
      `Expected shape [${shape.join(', ')}] for ${name} but received ${received}.`,
    );
  }
  checkFinite(value.data, name);
}

/** Checks that no value is NaN or infinite. */
export function checkFinite(values: Float32Array, name: string): void {
  // Array methods would throw errors of their own for an array whose memory was transferred away; its values are undefined.
  for (let k = 0; k < values.length; k++) {
    if (Number.isFinite(values[k])) continue;
    throw new GatecastError('invalid-argument', expected('finite values', name, values[k]));
  }
}
