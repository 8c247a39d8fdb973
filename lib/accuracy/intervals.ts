import { type Check, object } from '../base/schema.ts';
import { misfit } from '../base/errors.ts';
import { type Counts, eachKnown, forecastsOf, truthOf } from './known-values.ts';
import { type History, scaleOf } from './scaled.ts';

/** The bounds of forecast intervals, as `forecast.interval` gives them. */
export interface Interval {
  lower: ArrayLike<number>;
  upper: ArrayLike<number>;
}

/** How well central intervals forecast. */
export interface IntervalScores extends Counts {
  /** The share of true values within the bounds, which belong to the interval; ideally its level. */
  coverage: number;
  /** Mean width, in the unit of the values. */
  width: number;
  /** Mean interval score of Winkler, in the unit of the values: see `intervalScores`. */
  winkler: number;
  /** Mean scaled interval score, without a unit; NaN without a history. */
  msis: number;
}

const bounds: Check<ArrayLike<number>> = (value) => value as ArrayLike<number>;
const checkInterval = object<Interval>({ lower: bounds, upper: bounds });

/**
 * The scores of central intervals [l, u] that should hold a share `level` of the true values y. With a = 1 - level, the
 * interval score is u - l, plus 2 (l - y) / a for a value below and 2 (y - u) / a for one above (Winkler, Journal of
 * the American Statistical Association 67, 1972; Gneiting and Raftery, the same journal, 102, 2007). The MSIS of the M4
 * competition is its mean over the scale of `scaledErrors`.
 *
 * Missing truths (NaN) are left out and counted. Throws as `pointErrors` and `scaledErrors` do, for a level that is not
 * inside (0, 1), and for a lower bound above the upper one.
 */
export function intervalScores(
  truth: ArrayLike<number>,
  interval: Interval,
  level: number,
  history?: History,
): IntervalScores {
  if (!(typeof level === 'number' && level > 0 && level < 1)) {
    throw misfit('a number between 0 and 1', 'the level of the intervals', level);
  }
  const known = truthOf(truth);
  const given = checkInterval(interval, 'the interval');
  const lower = forecastsOf(given.lower, 'the lower bounds', known);
  const upper = forecastsOf(given.upper, 'the upper bounds', known);
  const tail = (1 - level) / 2;
  let [held, width, score] = [0, 0, 0];
  const counts = eachKnown(known, (i) => {
    const [y, low, high] = [known[i]!, lower[i]!, upper[i]!];
    if (low > high) throw misfit(`at most the upper bound, ${high},`, `the lower bounds[${i}]`, low);
    if (y >= low && y <= high) held += 1;
    width += high - low;
    score += intervalScore(y, low, high, tail, tail);
  });
  const winkler = score / counts.count;
  return {
    ...counts,
    coverage: held / counts.count,
    width: width / counts.count,
    winkler,
    msis: history === undefined ? Number.NaN : winkler / scaleOf(history).absolute,
  };
}

/**
 * The interval score of the bounds at the levels `below` and 1 - `above`: the width, plus how far the true value is
 * outside over the share of values that should be there.
 */
export function intervalScore(truth: number, lower: number, upper: number, below: number, above: number): number {
  const outside = truth < lower ? (lower - truth) / below : truth > upper ? (truth - upper) / above : 0;
  return upper - lower + outside;
}
