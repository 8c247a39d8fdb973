import { expected, GatecastError } from '../base/errors.ts';
import type { StateDict } from '../base/tensor.ts';

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
