import { GatecastError } from '../../base/errors.ts';
import { durationText } from './duration-text.ts';
import { spacingBetween } from './spacing.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Steps that people use [ms]. */
const ROUND = [
  ...[1, 10, 100, 250, 500],
  ...[SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND],
  ...[MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE],
  ...[HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY],
];

/**
 * The time between the steps of these times, which are in order [ms]; null if there is only one time. Throws
 * `invalid-data` if they are not those of an even grid.
 */
export function evenInterval(times: Float64Array, name = 'the table'): number | null {
  const { interval, within50, even } = spacingBetween(times);
  if (even || interval === null) return interval;
  const step = durationText(suggestedStep(times));
  throw new GatecastError(
    'invalid-data',
    `Expected rows at even times in ${name} but only ${Math.floor(100 * within50)} % of the steps are near the usual ` +
      `${durationText(interval)}. Resample them, for example to '${step}' (--every ${step}).`,
  );
}

/** A round step near the mean time between rows, long enough that most steps have a row. */
function suggestedStep(times: Float64Array): number {
  const mean = (times.at(-1)! - times[0]!) / Math.max(1, times.length - 1);
  return ROUND.find((step) => step >= mean) ?? ROUND.at(-1)!;
}
