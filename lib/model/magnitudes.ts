import { expected, GatecastError } from '../base/errors.ts';
import type { StateDict } from '../base/tensor.ts';

/**
 * The largest weight; `MAX_SCALED_VALUE` is the largest scaled value of a sample. With at most 2^16 terms of 1e6 *
 * 1e24, no sum within a step can leave the range of 32-bit floats, so the state of a stream is always finite.
 */
export const MAX_WEIGHT = 1e6;
export const MAX_SCALED_VALUE = 1e24;

/**
 * Checks that all numbers lie within [-limit, limit]. Otherwise throws `invalid-state-dict`, naming the tensor and the
 * element.
 */
export function checkMagnitudes(tensors: StateDict, limit: number): void {
  for (const [name, { data }] of Object.entries(tensors)) {
    const wrong = data.findIndex((value) => !(Math.abs(value) <= limit));
    if (wrong >= 0) {
      const message = expected(`a number within ${limit}`, `${name}[${wrong}]`, data[wrong]);
      throw new GatecastError('invalid-state-dict', message);
    }
  }
}
