import type { Model } from '../model/model.ts';
import { Baseline, type BaselineOptions } from './baseline.ts';
import { Drift } from './drift.ts';
import { Last } from './last.ts';
import { MovingAverage } from './moving-average.ts';
import { Seasonal } from './seasonal.ts';
import { Smoothed } from './smoothed.ts';

/**
 * Forecasts that need no training, as models: whatever takes a `Forecaster` to stream, to evaluate or to compare takes
 * one of these. They give means and no quantiles.
 *
 * Each takes what to forecast (`inputs`, `targets`, `horizon`, `interval`), or a model, and then forecasts the same as
 * that model. Without either it forecasts a stream of single numbers by one step.
 *
 * ```ts
 * load$.pipe(forecast(baselines.seasonal(24, { horizon: 48 }))).subscribe((f) => console.log(f.mean));
 * const { mae } = evaluate(baselines.seasonal(24, model), table);
 * ```
 *
 * Throws `invalid-argument` for an option that is none.
 */
export const baselines = Object.freeze({
  /** The last value. */
  last: (task?: BaselineOptions | Model): Baseline => new Baseline(new Last(), task),

  /**
   * The value `period` samples before, 1 to 1,000,000: the seasonal naive forecast. The last value where that one is
   * missing.
   */
  seasonal: (period: number, task?: BaselineOptions | Model): Baseline => new Baseline(new Seasonal(period), task),

  /** The last value, and on along the line from the first value of the stream through it. */
  drift: (task?: BaselineOptions | Model): Baseline => new Baseline(new Drift(), task),

  /** The mean of the last `window` values, 1 to 1,000,000. */
  movingAverage: (window: number, task?: BaselineOptions | Model): Baseline =>
    new Baseline(new MovingAverage(window), task),

  /** Simple exponential smoothing; `share` of the newest value in the level, 1e-6 to 1. */
  smoothed: (share: number, task?: BaselineOptions | Model): Baseline => new Baseline(new Smoothed(share), task),
});
