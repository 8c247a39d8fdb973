import { autocorrelation } from '../time/autocorrelation.ts';
import { varianceOf } from './errors.ts';
import { minimize } from './minimize.ts';
import { Theta, type ThetaParameters } from './theta.ts';

/** The shares that `ses` of R's forecast package tries. */
const LEAST = 1e-4;
const MOST = 1 - LEAST;

/** The two-sided 90 % limit of a normal distribution, as in the M4 competition. */
const LIMIT = 1.645;

/**
 * The parameters of the Theta method as the benchmark of the M4 competition finds them. `period`: samples of a season,
 * which is left out unless it is significant in at least half of the series. The season multiplies if all values are
 * positive. The share has the least squared errors of smoothing line 2 one sample ahead, over all series, with the best
 * first level of each.
 */
export function fitTheta(series: readonly Float64Array[], period: number): Required<ThetaParameters> {
  const seasonal = series.filter((values) => isSeasonal(values, period)).length;
  const positive = series.every((values) => values.every((value) => !(value <= 0)));
  const kept = seasonal * 2 >= series.length ? period : 1;
  const season = positive && kept > 1 ? 'multiplicative' : 'additive';
  const lines = series.map((values) => secondLine(values, new Theta({ share: 1, period: kept, season })));
  const error = (share: number) => lines.reduce((sum, line) => sum + errorOf(line, share) / varianceOf(line), 0);
  const within = (x: number) => LEAST + x * (MOST - LEAST);
  const starts = [0.1, 0.5, 0.9]; // the error can have several minima
  const minima = starts.map((start) => minimize(([x = 0]) => error(within(x)), [start]));
  const best = minima.reduce((a, b) => (b.value < a.value ? b : a));
  return { share: within(best.at[0]!), period: kept, season };
}

/** Whether the autocorrelation at a period is beyond the limit that those at shorter lags give it (Bartlett 1946). */
function isSeasonal(values: Float64Array, period: number): boolean {
  if (period < 2 || values.length < 3 * period) return false;
  const correlation = autocorrelation(values, period);
  const before = correlation.subarray(1, period).reduce((sum, one) => sum + one * one, 0);
  return Math.abs(correlation[period]!) > (LIMIT / Math.sqrt(values.length)) * Math.sqrt(1 + 2 * before);
}

/** The known values without their season, with doubled distances from the line through them. */
function secondLine(values: Float64Array, theta: Theta): Float64Array {
  const row = new Float64Array(theta.size);
  theta.reset(row, 0);
  for (const value of values) theta.observe(row, 0, value);
  const slope = theta.slope(row, 0);
  return values
    .map((value, time) => 2 * theta.withoutSeason(row, 0, time, value) - slope * time)
    .filter((value) => !Number.isNaN(value));
}

/** The squared errors of exponential smoothing one sample ahead, with the best first level. */
function errorOf(line: Float64Array, share: number): number {
  // an error is linear in the first level, in whose place 0 stands here: error - left firstLevel
  let [level, left, own, both, squares] = [0, 1, 0, 0, 0];
  const first = line[0] ?? 0;
  for (const value of line) {
    const error = value - first - level;
    own += error * error;
    both += error * left;
    squares += left * left;
    level += share * error;
    left = left > 1e-150 ? left * (1 - share) : 0; // its square would be too small to be computed quickly
  }
  return Math.max(0, own - (both * both) / squares);
}
