import { GatecastError } from '../../base/errors.ts';
import { durationText } from './duration-text.ts';
import { type Spacing, spacingBetween } from './spacing.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Steps that people use [ms]. */
const ROUND = [
  [1, 10, 100, 250, 500],
  [1, 5, 10, 30].map((seconds) => seconds * SECOND),
  [1, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  [1, 6, 12, 24, 7 * 24].map((hours) => hours * HOUR),
].flat();

/**
 * The time between the steps of these times, which are in order [ms]; null if there is only one time. Throws as
 * `requireEven` does.
 */
export function evenInterval(times: Float64Array, name: string): number | null {
  const mean = (times.at(-1)! - times[0]!) / Math.max(1, times.length - 1);
  return requireEven(spacingBetween(times), mean, name);
}

/**
 * The interval of a spacing. Throws `invalid-data` if it is not that of an even grid, and proposes to resample to a
 * round step near `mean`, the mean time between rows [ms].
 */
export function requireEven({ interval, within50, even }: Spacing, mean: number, name: string): number | null {
  if (even || interval === null) return interval;
  const step = durationText(ROUND.find((round) => round >= mean) ?? ROUND.at(-1)!);
  throw new GatecastError(
    'invalid-data',
    `Expected rows at even times in ${name} but only ${Math.floor(100 * within50)} % of the steps are near the usual ` +
      `${durationText(interval)}. Resample them, for example to '${step}' (--every ${step}).`,
  );
}
