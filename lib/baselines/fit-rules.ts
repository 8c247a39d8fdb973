import { HoltWinters, type HoltWintersParameters } from './holt-winters.ts';
import { minimize } from './minimize.ts';
import type { Rule } from './rule.ts';
import { Smoothed } from './smoothed.ts';

/** The shares that are tried; the ends would make a rule that learns nothing, or that has no memory. */
const LEAST = 1e-4;
const MOST = 1 - LEAST;
const within = (x: number, from = LEAST, to = MOST) => from + x * (to - from);

/** The damping that is tried: less would end a trend at once, more cannot be told from none (Hyndman et al. 2008). */
const DAMPED = [0.8, 0.98] as const;

/**
 * The parameters of Holt-Winters with the least squared errors one sample ahead over all series, each begun anew.
 * `period`: samples of a season, 1 for none. With `damped`, the trend fades.
 */
export function fitHoltWinters(
  series: readonly Float64Array[],
  period: number,
  damped: boolean,
): Required<HoltWintersParameters> {
  const parametersOf = ([level = 0, trend = 0, last = 0, other = 0]: readonly number[]) => {
    const own = within(level);
    return {
      period,
      level: own,
      trend: own * within(trend),
      season: period > 1 ? (1 - own) * within(last) : 0,
      damping: damped ? within(period > 1 ? other : last, ...DAMPED) : 1,
    };
  };
  const start = [0.3, 0.1, ...(period > 1 ? [0.2] : []), ...(damped ? [0.9] : [])];
  const { at } = minimize(
    (place) => squaredError(new HoltWinters(parametersOf(place)), series, Math.max(2, period)),
    start,
  );
  return parametersOf(at);
}

/** The share of simple exponential smoothing with the least squared errors one sample ahead over all series. */
export function fitSmoothed(series: readonly Float64Array[]): number {
  const { at } = minimize(([share = 0]) => squaredError(new Smoothed(within(share)), series, 1), [0.3]);
  return within(at[0]!);
}

/** The squared errors one sample ahead from row `from` on, of each series in its deviations; summed over all. */
function squaredError(rule: Rule, series: readonly Float64Array[], from: number): number {
  const row = new Float64Array(rule.size);
  let sum = 0;
  for (const values of series) {
    rule.reset(row, 0);
    let own = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (i >= from && !Number.isNaN(value)) {
        const error = value - rule.forecast(row, 0, 1);
        if (!Number.isNaN(error)) own += error * error;
      }
      rule.observe(row, 0, value);
    }
    sum += own / varianceOf(values);
  }
  return sum;
}

/** The variance of the known values; 1 if they are all the same. */
export function varianceOf(values: Float64Array): number {
  let [mean, sum, count] = [0, 0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const before = value - mean;
    mean += before / ++count;
    sum += before * (value - mean);
  }
  return sum > 0 ? sum / count : 1;
}
