import { defer, finalize, type OperatorFunction } from 'rxjs';
import { misfit } from '../base/errors.ts';
import { checkModel, type Model } from '../model/model.ts';
import type { Sample } from '../model/sample.ts';
import { record, text } from '../base/schema.ts';
import { isKept, keepOptionChecks, type KeepOptions } from './keeper.ts';
import type { LiveForecast } from '../online/live-forecast.ts';
import { LiveModel } from './swap/live-model.ts';
import { keeping, stepping } from './stepping.ts';
import { type CountOptions, countOptionChecks, countsIn } from './stream-counters.ts';
import { type StreamOptions, streamOptionChecks } from './state/stream-options.ts';
import { checkParts } from './state/forecast-parts.ts';
import { StreamState } from './state/stream-state.ts';
import { isA } from '../base/values.ts';

export interface ForecastOptions extends StreamOptions, KeepOptions, CountOptions {
  /** What the stream is called in its store; 'stream' by default. */
  key?: string;
}

const fields = { ...streamOptionChecks, ...keepOptionChecks, ...countOptionChecks, key: text(512) };
const check = record<ForecastOptions>(fields, Object.keys(fields) as (keyof ForecastOptions)[]);

/**
 * Forecasts from every sample of a stream.
 *
 * Given a model, each subscription keeps a state of its own, which it starts from nothing and frees when it ends; so
 * `retry()` starts cold. Given a `StreamState` or a `LiveModel`, all subscriptions go on with that one, which remains
 * the caller's: it survives `retry()` and `repeat()`. Given a store, each subscription goes on from what is kept there
 * under `key`, and writes its state back as `flush` says and when the source ends or fails; when the subscriber leaves,
 * what was written last stands. `store.meta` then says how many samples that knows of, and the offset of the newest.
 *
 * A sample is answered within the same `next()`. Forecasts are there from the first sample on, with `ready` false until
 * the state has taken the forecaster's `warmup`. An invalid sample gives no forecast, or with
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
export function forecast(state: StreamState | LiveModel): OperatorFunction<Sample, LiveForecast>;
export function forecast(model: Model, options?: ForecastOptions): OperatorFunction<Sample, LiveForecast>;
export function forecast(
  from: Model | StreamState | LiveModel,
  options?: ForecastOptions,
): OperatorFunction<Sample, LiveForecast> {
  if (isA(from, StreamState) || isA(from, LiveModel)) {
    if (options !== undefined) {
      throw misfit('none with a StreamState or LiveModel, which has its own', 'options', options);
    }
    const metrics = from instanceof StreamState ? from.metrics : undefined;
    return countsIn(metrics, (source) => source.pipe(stepping(from)));
  }
  checkModel(from, 'model', 'a StreamState', 'a LiveModel');
  const checked = check(options === undefined ? {} : options, 'options');
  const { store: _, flush: __, key = 'stream', metrics, ...own } = checked;
  checkParts(from, own);
  return countsIn(metrics, (source) =>
    defer(() => {
      const state = new StreamState(from, own, metrics);
      const forecasts = defer(() =>
        isKept(checked) ? keeping(source, state, checked, key) : source.pipe(stepping(state)),
      );
      return forecasts.pipe(finalize(() => state.dispose())); // also when what is kept does not fit
    }),
  );
}
