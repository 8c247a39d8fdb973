import { minimize } from './minimize.ts';
import { errorsOf, sumOfSquares, varianceOf } from './errors.ts';
import { Smoothed } from './smoothed.ts';

/** The shares that are tried: the ends would make a rule that learns nothing, or that has no memory. */
const LEAST = 1e-4;
const MOST = 1 - LEAST;

/** The share of simple exponential smoothing with the least squared errors one sample ahead over all series. */
export function fitSmoothed(series: readonly Float64Array[]): number {
  const within = (x: number) => LEAST + x * (MOST - LEAST);
  const cost = (share: number) => {
    const rule = new Smoothed(share);
    return series.reduce((sum, values) => sum + sumOfSquares(errorsOf(rule, values, 1)) / varianceOf(values), 0);
  };
  const { at } = minimize(([share = 0]) => cost(within(share)), [0.3]);
  return within(at[0]!);
}
