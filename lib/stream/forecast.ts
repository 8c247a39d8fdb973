import { defer, filter, finalize, map, type OperatorFunction } from 'rxjs';
import { expected, GatecastError } from '../errors.ts';
import { Forecaster } from '../model/forecaster.ts';
import type { Sample } from '../model/sample.ts';
import type { LiveForecast } from './live-forecast.ts';
import { checkStreamOptions, type StreamOptions } from './stream-options.ts';
import { StreamParts } from './stream-parts.ts';
import { StreamState } from './stream-state.ts';

/**
 * Forecasts from every sample of a stream.
 *
 * Given a model, each subscription keeps a state of its own, which it starts from nothing and frees when it ends; so
 * `retry()` starts cold. Given a `StreamState`, all subscriptions go on with that one, which remains the caller's: it
 * survives `retry()` and `repeat()`. A sample is answered within the same `next()`. Forecasts are there from the first
 * sample on, with `ready` false until the state has taken `lookback` of them. An invalid sample gives no forecast, or with
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
export function forecast(state: StreamState): OperatorFunction<Sample, LiveForecast>;
export function forecast(model: Forecaster, options?: StreamOptions): OperatorFunction<Sample, LiveForecast>;
export function forecast(
  from: Forecaster | StreamState,
  options?: StreamOptions,
): OperatorFunction<Sample, LiveForecast> {
  if (from instanceof StreamState) {
    if (options !== undefined) {
      throw new GatecastError(
        'invalid-argument',
        expected('none with a StreamState, which has its own', 'options', options),
      );
    }
    return (source) => source.pipe(stepping(from));
  }
  if (!(from instanceof Forecaster)) {
    throw new GatecastError('invalid-argument', expected('a Forecaster or a StreamState', 'model', from));
  }
  new StreamParts(from, checkStreamOptions(options === undefined ? {} : options, 'options')); // wrong ones are refused here, not first at the subscription
  return (source) =>
    defer(() => {
      const state = new StreamState(from, options);
      return source.pipe(
        stepping(state),
        finalize(() => state.dispose()),
      );
    });
}

function stepping(state: StreamState): OperatorFunction<Sample, LiveForecast> {
  return (source) =>
    source.pipe(
      map((sample) => state.step(sample)),
      filter((result) => result !== undefined),
    );
}
