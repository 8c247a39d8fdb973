import { defer, filter, finalize, map, type OperatorFunction } from 'rxjs';
import { expected, GatecastError } from '../errors.ts';
import type { Forecast } from '../model/forecast.ts';
import type { Forecaster } from '../model/forecaster.ts';
import type { ForecasterState, StateOptions } from '../model/forecaster-state.ts';
import type { Sample } from '../model/sample.ts';
import { checkModel } from './check-model.ts';

/** A forecast, and the key of the stream it belongs to. */
export type KeyedForecast<K> = Forecast & { readonly key: K };

/**
 * Forecasts many streams that arrive as one, told apart by a key.
 *
 * `key` gives the key of a sample: anything a `Map` takes. Each key of each subscription has a state of its own, which
 * is made at its first sample; all are freed when the subscription ends. An error thrown by `key` ends the stream.
 * In all else this is `forecast`.
 *
 * ```text
 * samples    --a1--b1--a2--b2--|     keys a and b
 *            forecastBy(key, model)
 * forecasts  --A1--B1--A2--B2--|
 * ```
 *
 * ```ts
 * readings$.pipe(forecastBy((r) => r.deviceId, model)).subscribe((f) => console.log(f.key, f.mean));
 * ```
 *
 * Throws `invalid-argument` at once for a key that is no function, and a model or an option that is none.
 */
export function forecastBy<T extends Sample, K>(
  key: (sample: T) => K,
  model: Forecaster,
  options?: StateOptions,
): OperatorFunction<T, KeyedForecast<K>> {
  if (typeof key !== 'function') throw new GatecastError('invalid-argument', expected('a function', 'key', key));
  checkModel(model, options);
  return (source) =>
    defer(() => {
      const states = new Map<K, ForecasterState>();
      const stateOf = (key: K): ForecasterState => {
        const state = states.get(key) ?? model.createState(options);
        states.set(key, state);
        return state;
      };
      return source.pipe(
        map((sample) => {
          const name = key(sample);
          const result = stateOf(name).step(sample);
          return result && Object.assign(result, { key: name });
        }),
        filter((result) => result !== undefined),
        finalize(() => states.forEach((state) => state.dispose())),
      );
    });
}
