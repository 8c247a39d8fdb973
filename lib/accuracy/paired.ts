import { misfit } from '../base/errors.ts';
import { type Check, number, object, whole } from '../base/schema.ts';
import { studentTail } from '../base/student-t.ts';
import { isArray } from '../base/values.ts';
import { type Counts, numbersOf, undefinedMeasure } from './known-values.ts';
import { rankSumTails } from './rank-sums.ts';

/** Which of two methods has the smaller losses, if that is more than noise. */
export interface PairedTest extends Counts {
  /** Mean loss of the first less that of the second: negative if the first is better. */
  difference: number;
  /** The statistic of the test: see its function. */
  statistic: number;
  /** The probability of a difference at least as large, in either direction, if both were equally good. */
  p: number;
  /** 'noise' if p is not below `significance`. */
  verdict: 'first' | 'second' | 'noise';
  /** The verdict as a sentence. */
  text: string;
}

export interface PairedOptions {
  /** Names of the two methods in `text`; default 'the first' and 'the second'. */
  names?: readonly [first: string, second: string];
  /** The p below which a difference is no noise, inside (0, 1); default 0.05. */
  significance?: number;
}

export interface DieboldMarianoOptions extends PairedOptions {
  /**
   * How many losses in a row come from overlapping forecasts: steps ahead over rows between two forecasts. Default 1,
   * for losses that do not overlap.
   */
  horizon?: number;
}

const significance = number(Number.MIN_VALUE, 1 - Number.EPSILON);
const names: Check<readonly [string, string]> = (value, name) => {
  const [first, second] = isArray(value) && value.length === 2 ? value : [];
  if (typeof first === 'string' && typeof second === 'string') return [first, second];
  throw misfit('two names', name, value);
};
const checkPaired = object<PairedOptions>({ names, significance }, ['names', 'significance']);
const checkDieboldMariano = object<DieboldMarianoOptions>(
  { names, significance, horizon: whole(1, Number.MAX_SAFE_INTEGER) },
  ['names', 'significance', 'horizon'],
);

/**
 * Whether two methods differ in their losses of the same forecasts, in time order (Diebold and Mariano, Journal of
 * Business and Economic Statistics 13, 1995): the mean difference over the root of its variance, times sqrt((n + 1 - 2
 * h + h (h - 1) / n) / n), which helps with few losses (Harvey, Leybourne and Newbold, International Journal of
 * Forecasting 13, 1997), against Student's t with n - 1 degrees of freedom.
 *
 * Neighbouring differences depend on each other, and more so with a `horizon` h > 1. The variance therefore has the
 * autocovariances up to lag m - 1 with the weights 1 - k / m (Newey and West, Econometrica 55, 1987), where m is 3 h
 * or, if that is more, 1.3 sqrt(n) (Lazarus, Lewis, Stock and Watson, same journal as the first, 36, 2018). What the
 * estimate of so many of them adds to the uncertainty is taken off the statistic before p is looked up, as in Kiefer
 * and Vogelsang (Econometric Theory 21, 2005), whose factor is for the usual p of 0.05. With only h - 1 lags and
 * without that factor, one in eight equal methods 24 steps ahead would be found to differ, and one in four where errors
 * last.
 *
 * Pairs in which a loss is missing (NaN) are left out and counted. Throws `invalid-argument` for lists of different
 * lengths and infinite losses, and `invalid-data` for fewer than 2 h pairs, or than 2.
 */
export function dieboldMariano(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  options: DieboldMarianoOptions = {},
): PairedTest {
  const { horizon = 1, ...others } = checkDieboldMariano(options, 'options');
  const { differences, missing } = differencesOf(first, second);
  const count = differences.length;
  const needed = Math.max(2, 2 * horizon);
  if (count < needed) {
    throw undefinedMeasure(`at least ${needed} pairs of losses for horizon ${horizon} but found ${count}`);
  }
  const difference = mean(differences);
  const lags = Math.min(count, Math.max(3 * horizon, Math.ceil(1.3 * Math.sqrt(count))));
  const variance = longRunVariance(
    differences.map((each) => each - difference),
    lags,
  );
  const correction = Math.sqrt((count + 1 - 2 * horizon + (horizon * (horizon - 1)) / count) / count);
  const statistic = difference === 0 ? 0 : (correction * difference) / Math.sqrt(variance / count);
  const p = 2 * studentTail(Math.abs(statistic) / widening(lags / count), count - 1);
  return judged({ count, missing, difference, statistic, p }, others);
}

/** Of values with mean 0, with Bartlett's weights for the lags below `lags`. */
function longRunVariance(centred: readonly number[], lags: number): number {
  let variance = covariance(centred, 0);
  for (let lag = 1; lag < lags; lag++) variance += 2 * (1 - lag / lags) * covariance(centred, lag);
  return variance;
}

/**
 * The 97.5 % quantile of the statistic over that of the normal distribution, for lags that are a `share` of the values.
 */
function widening(share: number): number {
  return (1.96 + share * (2.9694 + share * (0.416 - 0.5324 * share))) / 1.96;
}

/**
 * Whether two methods differ in their losses over many series: the signed-rank test (Wilcoxon, Biometrics Bulletin 1,
 * 1945). `statistic` is the smaller of the sums of the ranks of positive and of negative differences. The losses should
 * have no unit, such as MASE; the pairs are taken as independent. The p is exact for up to 200 pairs; for more it is
 * that of the normal distribution with the correction for ties.
 *
 * Equal losses say nothing and have no rank. Pairs in which a loss is missing (NaN) are left out and counted. Throws
 * `invalid-argument` for lists of different lengths and infinite losses, and `invalid-data` if there is no pair.
 */
export function wilcoxon(first: ArrayLike<number>, second: ArrayLike<number>, options: PairedOptions = {}): PairedTest {
  const others = checkPaired(options, 'options');
  const { differences, missing } = differencesOf(first, second);
  if (differences.length === 0) throw undefinedMeasure('at least one pair of losses but found none');
  const ranked = ranks(differences.filter((each) => each !== 0));
  const sumOf = (sign: number) =>
    ranked.reduce((sum, { value, rank }) => sum + (Math.sign(value) === sign ? rank : 0), 0);
  const statistic = Math.min(sumOf(1), sumOf(-1));
  const p = rankSumTails(
    ranked.map(({ rank }) => rank),
    statistic,
  );
  return judged({ count: differences.length, missing, difference: mean(differences), statistic, p }, others);
}

/** The values with the ranks of their sizes, from 1; equal sizes share the mean of their ranks. */
function ranks(values: readonly number[]): { value: number; rank: number }[] {
  const sorted = values.toSorted((a, b) => Math.abs(a) - Math.abs(b));
  const ranked: { value: number; rank: number }[] = [];
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && Math.abs(sorted[to]!) === Math.abs(sorted[from]!)) to += 1;
    for (let i = from; i < to; i++) ranked.push({ value: sorted[i]!, rank: (from + 1 + to) / 2 });
  }
  return ranked;
}

function differencesOf(first: unknown, second: unknown): { differences: number[]; missing: number } {
  const one = numbersOf(first, 'the first losses', false);
  const other = numbersOf(second, 'the second losses', false, one.length);
  const differences = Array.from(one, (loss, i) => loss - other[i]!).filter((each) => !Number.isNaN(each));
  return { differences, missing: one.length - differences.length };
}

function judged(test: Omit<PairedTest, 'verdict' | 'text'>, options: PairedOptions): PairedTest {
  const { names: [first, second] = ['the first', 'the second'], significance = 0.05 } = options;
  const p = test.p < 1e-4 ? 'p < 0.0001' : `p = ${test.p.toFixed(4)}`;
  if (!(test.p < significance)) {
    return {
      ...test,
      verdict: 'noise',
      text: `This may be noise: ${first} and ${second} differ too little to be told apart (${p}).`,
    };
  }
  const verdict = test.difference < 0 ? 'first' : 'second';
  const [better, worse] = verdict === 'first' ? [first, second] : [second, first];
  return { ...test, verdict, text: `Not noise: ${better} is better than ${worse} (${p}).` };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of values with mean 0, with those `lag` places before. */
function covariance(centred: readonly number[], lag: number): number {
  let sum = 0;
  for (let i = lag; i < centred.length; i++) sum += centred[i]! * centred[i - lag]!;
  return sum / centred.length;
}
