import { defer, finalize, type OperatorFunction } from 'rxjs';
import { misfit } from '../base/errors.ts';
import { checkModel, type Model } from '../model/model.ts';
import type { Sample } from '../model/sample.ts';
import { object, text } from '../base/schema.ts';
import { isKept, keepOptionChecks, type KeepOptions } from './keeper.ts';
import type { LiveForecast } from '../online/live-forecast.ts';
import { LiveModel } from './swap/live-model.ts';
import { keeping, stepping } from './stepping.ts';
import { type CountOptions, countOptionChecks, countsIn } from './stream-counters.ts';
import { type StreamOptions, streamOptionChecks } from './state/stream-options.ts';
import { checkOptionsFit } from './state/forecast-parts.ts';
import { StreamState } from './state/stream-state.ts';
import { isA } from '../base/values.ts';

export interface ForecastOptions extends StreamOptions, KeepOptions, CountOptions {
  /** The key of the stream in its store; 'stream' by default. */
  key?: string;
}

const fields = { ...streamOptionChecks, ...keepOptionChecks, ...countOptionChecks, key: text(512) };
const check = object<ForecastOptions>(fields, Object.keys(fields) as (keyof ForecastOptions)[]);

/**
 * Forecasts from every sample of a stream.
 *
 * Given a model, each subscription has its own state, which starts from nothing and is freed when the subscription
 * ends; so `retry()` starts cold. Given a `StreamState` or a `LiveModel`, all subscriptions continue that one, which
 * remains the caller's: it survives `retry()` and `repeat()`. With a store, each subscription continues from the
 * snapshot under `key`, and writes its state as `flush` says and when the source ends or fails; when the subscriber
 * leaves, the last snapshot written remains. `store.meta` then says how many samples the snapshot includes, and the
 * newest one's offset.
 *
 * A sample is answered within the same `next()`. Forecasts come from the first sample on, with `ready` false until the
 * state has taken the forecaster's `warmup`. An invalid sample gives no forecast, or with `onInvalid: 'error'` ends the
 * stream with `invalid-sample`.
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
 * Throws `invalid-argument` at once for a value that is not a model and for a wrong option.
 */
export function forecast(state: StreamState | LiveModel<Model>): OperatorFunction<Sample, LiveForecast>;
export function forecast(model: Model, options?: ForecastOptions): OperatorFunction<Sample, LiveForecast>;
export function forecast(
  from: Model | StreamState | LiveModel<Model>,
  options?: ForecastOptions,
): OperatorFunction<Sample, LiveForecast> {
  if (isA(from, StreamState) || isA(from, LiveModel)) {
    if (options !== undefined) {
      throw misfit('no options with a StreamState or LiveModel, which has its own,', 'options', options);
    }
    const metrics = from instanceof StreamState ? from.metrics : undefined;
    return countsIn(metrics, (source) => source.pipe(stepping(from)));
  }
  checkModel(from, 'model', 'a StreamState', 'a LiveModel');
  const checked = check(options === undefined ? {} : options, 'options');
  const { store: _, flush: __, key = 'stream', metrics, ...own } = checked;
  checkOptionsFit(from, own);
  return countsIn(metrics, (source) =>
    defer(() => {
      const state = new StreamState(from, own, metrics);
      const forecasts = defer(() =>
        isKept(checked) ? keeping(source, state, checked, key) : source.pipe(stepping(state)),
      );
      return forecasts.pipe(finalize(() => state.dispose())); // also if the stored snapshot does not fit
    }),
  );
}
