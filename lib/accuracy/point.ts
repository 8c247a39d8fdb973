import { type Counts, eachKnown, forecastsOf, truthOf } from './known-values.ts';

/** Mean errors of point forecasts. */
export interface PointErrors extends Counts {
  /** Mean squared error, in the square of the unit. */
  mse: number;
  /** Mean absolute error, in the unit of the values. */
  mae: number;
  /** Root of `mse`, in the unit of the values. */
  rmse: number;
  /** Symmetric mean absolute percentage error, 0 to 200: see `pointErrors`. */
  smape: number;
}

/**
 * The errors of point forecasts f of true values y: the means of (y - f)^2 and |y - f|, the root of the first, and the
 * mean of 200 |y - f| / (|y| + |f|), where 0 / 0 counts as 0. The last is the sMAPE of the M4 competition (Makridakis,
 * Spiliotis and Assimakopoulos, International Journal of Forecasting 36, 2020).
 *
 * A true value that is NaN is missing: it is left out and counted. Throws `invalid-argument` for lists of different
 * lengths, infinite values, a forecast that is NaN although its truth is known, and if no true value is known.
 */
export function pointErrors(truth: ArrayLike<number>, forecast: ArrayLike<number>): PointErrors {
  const known = truthOf(truth);
  const forecasts = forecastsOf(forecast, 'the forecasts', known);
  let [squares, absolutes, percentages] = [0, 0, 0];
  const counts = eachKnown(known, (i) => {
    const error = known[i]! - forecasts[i]!;
    squares += error * error;
    absolutes += Math.abs(error);
    percentages += percentageError(known[i]!, forecasts[i]!);
  });
  const mse = squares / counts.count;
  return { ...counts, mse, mae: absolutes / counts.count, rmse: Math.sqrt(mse), smape: percentages / counts.count };
}

/** 200 |y - f| / (|y| + |f|); 0 if both are 0. */
export function percentageError(truth: number, forecast: number): number {
  const size = Math.abs(truth) + Math.abs(forecast);
  return size === 0 ? 0 : (200 * Math.abs(truth - forecast)) / size;
}
