import type { Model } from '../model/model.ts';
import { Baseline, type BaselineOptions } from './baseline.ts';
import { Drift } from './drift.ts';
import { HoltWinters, type HoltWintersParameters } from './holt-winters.ts';
import { Last } from './last.ts';
import { MovingAverage } from './moving-average.ts';
import { Seasonal } from './seasonal.ts';
import { Smoothed } from './smoothed.ts';
import { Theta, type ThetaParameters } from './theta.ts';

/**
 * Forecasts that need no training, as models. Whatever takes a `Forecaster` to stream, evaluate or compare also takes a
 * baseline. They give means and no quantiles.
 *
 * `fitBaseline` fits their parameters to data. Each takes what to forecast (`inputs`, `targets`, `horizon`,
 * `interval`), or a model, whose inputs, targets and horizon it then has. Without either, it forecasts a stream of
 * single numbers one step ahead.
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

  /**
   * The additive method of Holt and Winters: level, trend and season, each moved by its share of every error. The first
   * season of a stream gives its first state. `fitBaseline` finds the parameters.
   */
  holtWinters: (parameters: HoltWintersParameters, task?: BaselineOptions | Model): Baseline =>
    new Baseline(new HoltWinters(parameters), task),

  /** The Theta method: exponential smoothing with half the slope of the stream so far, and a classical season. */
  theta: (parameters: ThetaParameters, task?: BaselineOptions | Model): Baseline =>
    new Baseline(new Theta(parameters), task),
});
