import { GatecastError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';

/** Steps of the goldens that this version writes. */
export const GOLDEN_STEPS = 16;

/** Most steps of the goldens in a file: more than this version writes, but not without bound. */
export const MAX_GOLDEN_STEPS = 1024;
export const MAX_GOLDEN = 1e36;

/**
 * Largest difference allowed, relative to the largest golden number if that is above 1, absolute otherwise. Instruction
 * sets differ by some 1e-6; swapped gates by 1e-2.
 */
export const GOLDEN_TOLERANCE = 1e-4;

/**
 * Numbers from -2 to 2, [steps][values], the same everywhere: the fractions of the golden ratio's multiples of squares.
 */
export function goldenInput(values: number): Tensor {
  const ratio = (Math.sqrt(5) - 1) / 2;
  const data = Float32Array.from({ length: GOLDEN_STEPS * values }, (_, i) => 4 * ((i * i * ratio) % 1) - 2);
  return { shape: [GOLDEN_STEPS, values], data };
}

/**
 * Throws `golden-mismatch` if the numbers computed are not the golden ones of `what`; `why` explains what makes them
 * differ.
 */
export function compareGoldens(computed: Tensor, golden: Tensor, what: string, why: string): void {
  const largest = golden.data.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
  const worst = golden.data.reduce((max, value, i) => Math.max(max, Math.abs(value - computed.data[i]!)), 0);
  if (!(worst <= GOLDEN_TOLERANCE * largest)) throw goldenMismatch(what, worst, why);
}

export function goldenMismatch(what: string, apart: number, why: string): GatecastError {
  return new GatecastError(
    'golden-mismatch',
    `Expected the numbers stored in the file for ${what} but received others, up to ${apart} apart: ${why}.`,
  );
}
