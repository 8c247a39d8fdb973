import type { Precision, Result } from './record.ts';
import { loud } from './say.ts';

/** Far above the rounding of a right result, far below the error of a wrong gate order. */
const limits: Record<Precision, number> = { f32: 1e-5, bf16: 0.02, int8: 0.05 };

/** A value that is not a number comes as null and is not within any limit. */
const isWrong = (error: number | null | undefined, limit: number): boolean =>
  error !== undefined && !(error !== null && error <= limit);

/**
 * The result; undefined if ours is wrong. If the rival is wrong, its time is struck out. Both are reported loudly: a
 * time counts only if the result is right.
 */
export function checked(result: Result): Result | undefined {
  const what = [result.trial, result.cell, result.sizes.hidden, result.precision].join(' ');
  if (isWrong(result.error, limits[result.precision as Precision])) {
    loud(
      `WRONG: ${what}: Gatecast is ${result.error ?? 'not a number and so infinitely'} away from the float64 reference.`,
    );
    process.exitCode = 1;
    return undefined;
  }
  if (!isWrong(result.rivalError, limits[rivalPrecision(result.rivalName ?? '')])) return result;
  loud(
    `WRONG: ${what}: ${result.rivalName} is ${result.rivalError ?? 'not a number and so infinitely'} away from the float64 reference.`,
  );
  return { ...result, rival: null, ratio: null };
}

function rivalPrecision(name: string): Precision {
  return (['bf16', 'int8'] as const).find((precision) => name.includes(precision)) ?? 'f32';
}
