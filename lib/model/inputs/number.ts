import { MAX_SCALED_VALUE } from '../magnitudes.ts';
import type { InputCode } from './input-code.ts';

/** A plain number: (value - mean) / std. */
export function numberCode(mean: number, std: number): InputCode {
  return {
    width: 1,
    plain: true,
    takes: (value) => Math.abs((value - mean) / std) <= MAX_SCALED_VALUE,
    write(value, out, to) {
      out[to] = (value - mean) / std;
    },
  };
}
