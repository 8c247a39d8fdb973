import { misfit } from '../base/errors.ts';
import { isColumn, number, orNull } from '../base/schema.ts';
import { autocorrelation } from './autocorrelation.ts';

/** A rhythm of a series. */
export interface Period {
  /** Its length [samples], at least 2. */
  readonly period: number;
  /**
   * The share of the variance around the slow level that the mean course of every other period explains in the periods
   * between: near 0 for noise, 1 for values that repeat exactly.
   */
  readonly strength: number;
}

const HOUR = 3_600_000;
/** The periods of the calendar [ms]: an hour, a day, a week, a year. */
const CALENDAR: readonly number[] = [HOUR, 24 * HOUR, 168 * HOUR, 8766 * HOUR];

/** Only the last rows are looked at: more would only take time. */
const MOST_ROWS = 2 ** 16;
/** How many peaks of the autocorrelation are tried, of the values and of their changes. */
const MOST_PEAKS = 8;
const MOST_PERIODS = 4;
const LEAST_PERIODS = 3;
/** A period must explain this share, and more if it was seen a few times only, when chance explains much. */
const leastStrength = (periods: number) => 0.02 + 2 / periods;
/** The shortest period that explains this share of what the strongest does comes first: the day, then the week. */
const PART = 0.4;

const checkInterval = orNull(number(1e-6, 1e15));

/**
 * The rhythms of evenly spaced values, at most four, from the strongest on: those of the calendar, if the time between
 * samples `interval` [ms] is known, and the peaks of the autocorrelation. Each was seen at least three times and
 * explains a part of values that it was not found in, also beside the stronger ones. Missing values are NaN. Only the
 * last 65,536 values are searched.
 *
 * Throws `invalid-argument` if `values` is not a Float64Array, and for an interval that is not a positive number or
 * null.
 *
 * ```ts
 * findPeriods(hourlyLoad, 3_600_000); // [{ period: 168, strength: 0.9 }, { period: 24, strength: 0.8 }]
 * ```
 */
export function findPeriods(values: Float64Array, interval: number | null = null): Period[] {
  if (!isColumn(values)) throw misfit('a Float64Array', 'values', values);
  const calendar = CALENDAR.map((length) => Math.round(length / (checkInterval(interval, 'interval') ?? Number.NaN)));
  const last = values.subarray(Math.max(0, values.length - MOST_ROWS));
  const all = last.map((value) => (Number.isFinite(value) ? value : Number.NaN));
  const rest = all.slice();
  const found: Period[] = [];
  while (found.length < MOST_PERIODS) {
    const tried = candidates(rest, calendar).filter((period) => !found.some((other) => isClose(period, other.period)));
    // what is explained of the rest counts as a share of all, or rounding errors would have rhythms
    const gains = tried.map((period) => ({ period, gain: explained(rest, period).by / explained(all, period).of }));
    const strong = gains.filter(({ period, gain }) => gain >= leastStrength(rest.length / period));
    if (strong.length === 0) break;
    const most = Math.max(...strong.map(({ gain }) => gain));
    const shortest = Math.min(...strong.filter(({ gain }) => gain >= PART * most).map(({ period }) => period));
    const known = strong.find(({ period }) => calendar.includes(period) && isClose(period, shortest));
    const period = known?.period ?? shortest;
    const { by, of } = explained(all, period);
    found.push({ period, strength: by / of });
    removeCourse(rest, period);
  }
  return found.toSorted((a, b) => b.strength - a.strength);
}

/** Whether two periods are too alike to be two. */
function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 0.1 * Math.max(a, b);
}

/** The lengths to try. */
function candidates(values: Float64Array, calendar: readonly number[]): number[] {
  const longest = Math.floor(values.length / LEAST_PERIODS);
  const peaks = [values, changesOf(values)].flatMap((view) => peaksOf(autocorrelation(view, longest + 1)));
  return [...new Set([...calendar, ...peaks])].filter((period) => period >= 2 && period <= longest);
}

/** The changes from one value to the next, which have no slow level that would hide a rhythm. */
function changesOf(values: Float64Array): Float64Array {
  return values.map((value, i) => value - values[Math.max(0, i - 1)]!);
}

/** The lags from 2 on with the highest local maxima. */
function peaksOf(correlation: Float64Array): number[] {
  const lags: number[] = [];
  for (let lag = 2; lag < correlation.length - 1; lag++) {
    const here = correlation[lag]!;
    if (here > 0 && here >= correlation[lag - 1]! && here > correlation[lag + 1]!) lags.push(lag);
  }
  return lags.sort((a, b) => correlation[b]! - correlation[a]!).slice(0, MOST_PEAKS);
}

/** The squares around the level that the course of every other period explains, of all; both 0 without any. */
function explained(values: Float64Array, period: number): { by: number; of: number } {
  const changes = aroundLevel(values, period);
  const courses = [0, 1].map((half) => courseOf(changes, period, (number) => number % 2 !== half));
  let [left, all] = [0, 0];
  for (let i = 0; i < changes.length; i++) {
    const rest = changes[i]! - courses[Math.floor(i / period) % 2]![i % period]!;
    if (Number.isNaN(rest)) continue;
    left += rest * rest;
    all += changes[i]! ** 2;
  }
  return { by: all - left, of: all };
}

/** Takes the mean course of a period out of the values. */
function removeCourse(values: Float64Array, period: number): void {
  const course = courseOf(aroundLevel(values, period), period, () => true);
  for (let i = 0; i < values.length; i++) values[i]! -= course[i % period]! || 0; // a phase without a value has none
}

/** The mean in each phase over the periods that `of` takes, by number; NaN for a phase without a value. */
function courseOf(changes: Float64Array, period: number, of: (number: number) => boolean): Float64Array {
  const sums = new Float64Array(period);
  const counts = new Float64Array(period);
  for (let i = 0; i < changes.length; i++) {
    if (Number.isNaN(changes[i]!) || !of(Math.floor(i / period))) continue;
    sums[i % period]! += changes[i]!;
    counts[i % period]! += 1;
  }
  return sums.map((sum, phase) => sum / counts[phase]!);
}

/** The values less the centred mean over one period; NaN within half a period of both ends, and for missing values. */
function aroundLevel(values: Float64Array, period: number): Float64Array {
  const half = Math.floor(period / 2);
  const sums = new Float64Array(values.length + 1);
  const counts = new Float64Array(values.length + 1);
  const mean = meanOf(values);
  for (let i = 0; i < values.length; i++) {
    const known = Number.isFinite(values[i]);
    sums[i + 1] = sums[i]! + (known ? values[i]! - mean : 0);
    counts[i + 1] = counts[i]! + (known ? 1 : 0);
  }
  // an even period has one value more than its length, of which the outermost two count half
  const over = (prefix: Float64Array, i: number) => {
    const whole = prefix[i + half + 1]! - prefix[i - half]!;
    const inner = prefix[i + half]! - prefix[i - half + 1]!;
    return period % 2 === 0 ? (whole + inner) / 2 : whole;
  };
  return values.map((value, i) => {
    if (i < half || i + half >= values.length) return Number.NaN;
    return value - (mean + over(sums, i) / over(counts, i));
  });
}

function meanOf(values: Float64Array): number {
  let [mean, count] = [0, 0];
  for (const value of values) if (Number.isFinite(value)) mean += (value - mean) / ++count;
  return mean;
}
