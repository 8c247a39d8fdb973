import type { Model } from '../model/model.ts';
import { Baseline, type BaselineOptions } from './baseline.ts';
import { Drift } from './drift.ts';
import { Last } from './last.ts';
import { MovingAverage } from './moving-average.ts';
import { Seasonal } from './seasonal.ts';
import { Smoothed } from './smoothed.ts';

/**
 * Forecasts that need no training, as models. Whatever takes a `Forecaster` to stream, evaluate or compare also takes a
 * baseline. They give means and no quantiles.
 *
 * Each takes what to forecast (`inputs`, `targets`, `horizon`, `interval`), or a model, whose inputs, targets and
 * horizon it then has. Without either, it forecasts a stream of single numbers one step ahead.
 *
 * ```ts
 * load$.pipe(forecast(baselines.seasonal(24, { horizon: 48 }))).subscribe((f) => console.log(f.mean));
 * const { mae } = evaluate(baselines.seasonal(24, model), table);
 * ```
 *
 * Throws `invalid-argument` for an unknown or wrong option.
 */
export const baselines = Object.freeze({
  /** The last value. */
  last: (task?: BaselineOptions | Model): Baseline => new Baseline(new Last(), task),

  /**
   * The value `period` samples before, 1 to 1,000,000: the seasonal naive forecast. The last value if that one is
   * missing.
   */
  seasonal: (period: number, task?: BaselineOptions | Model): Baseline => new Baseline(new Seasonal(period), task),

  /** The line from the first value of the stream through the last, continued. */
  drift: (task?: BaselineOptions | Model): Baseline => new Baseline(new Drift(), task),

  /** The mean of the last `window` values, 1 to 1,000,000. */
  movingAverage: (window: number, task?: BaselineOptions | Model): Baseline =>
    new Baseline(new MovingAverage(window), task),

  /** Simple exponential smoothing; `share` of the newest value in the level, 1e-6 to 1. */
  smoothed: (share: number, task?: BaselineOptions | Model): Baseline => new Baseline(new Smoothed(share), task),
});
