import { defer, filter, finalize, map, type OperatorFunction } from 'rxjs';
import type { Forecast } from '../model/forecast.ts';
import type { Forecaster } from '../model/forecaster.ts';
import type { StateOptions } from '../model/forecaster-state.ts';
import type { Sample } from '../model/sample.ts';
import { checkModel } from './check-model.ts';

/**
 * Forecasts from every sample of a stream.
 *
 * Each subscription keeps a state of its own, which it starts from nothing and frees when it ends; so `retry()` starts
 * cold. A sample is answered within the same `next()`. Forecasts are there from the first sample on, with `ready`
 * false until the state has taken `lookback` of them. An invalid sample gives no forecast, or with
 * `onInvalid: 'error'` ends the stream with `invalid-sample`.
 *
 * ```text
 * samples    --a--b--x--c--|      x: a reading is NaN
 *            forecast(model)
 * forecasts  --A--B-----C--|
 * ```
 *
 * ```ts
 * temperature$.pipe(forecast(model)).subscribe((f) => console.log(f.at, f.mean, f.interval(0.9), f.ready));
 * ```
 *
 * Throws `invalid-argument` at once for a model or an option that is none.
 */
export function forecast(model: Forecaster, options?: StateOptions): OperatorFunction<Sample, Forecast> {
  checkModel(model, options);
  return (source) =>
    defer(() => {
      const state = model.createState(options);
      return source.pipe(
        map((sample) => state.step(sample)),
        filter((result) => result !== undefined),
        finalize(() => state.dispose()),
      );
    });
}
