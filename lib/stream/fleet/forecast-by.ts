import type { OperatorFunction } from 'rxjs';
import { misfit } from '../../base/errors.ts';
import type { Model } from '../../model/model.ts';
import type { Sample } from '../../model/sample.ts';
import { feeding, type Keyed } from './feeding.ts';
import { checkFleet, type FleetOptions, KeyedStreams } from './keyed-streams.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { isA } from '../../base/values.ts';
import { countsIn } from '../stream-counters.ts';

/** A forecast, and the key of the stream it belongs to. */
export type KeyedForecast<K> = Keyed<LiveForecast, K>;

/**
 * Forecasts many streams that arrive as one, told apart by a key.
 *
 * `key` gives the key of a sample: anything a `Map` takes. Each key of each subscription has a state of its own, which
 * is made at its first sample, and forgotten when the key has been idle for `ttl` or when `maxStreams` others are more
 * recent; a bare `groupBy` would keep all for ever. With a store, for which keys are text, a stream that is forgotten
 * goes there with the next flush and comes back with its next sample, and all are written as `flush` says and at the
 * end: so what the store holds are always all streams at one moment. Samples that arrive in one turn of the event loop
 * are stepped together at its end, in the order they came, with the same bits as one by one. An error thrown by `key`
 * ends the stream. In all else this is `forecast`.
 *
 * Given `KeyedStreams` in place of the model, which have their own options, the operator goes on with those: they reach
 * the state of each key, and remain the caller's. One subscription at a time can have them; another fails with `busy`.
 *
 * ```text
 * samples    --(a1 b1)--a2--b2--|     keys a and b
 *            forecastBy(key, model)
 * forecasts  --(A1 B1)--A2--B2--|
 * ```
 *
 * ```ts
 * readings$.pipe(forecastBy((r) => r.deviceId, model, { ttl: '10m' })).subscribe((f) => console.log(f.key, f.mean));
 * ```
 *
 * Throws `invalid-argument` at once for a key that is no function, and a model or an option that is none.
 */
export function forecastBy<T extends Sample, K>(
  key: (sample: T) => K,
  streams: KeyedStreams<K>,
): OperatorFunction<T, KeyedForecast<K>>;
export function forecastBy<T extends Sample, K>(
  key: (sample: T) => K,
  model: Model,
  options?: FleetOptions,
): OperatorFunction<T, KeyedForecast<K>>;
export function forecastBy<T extends Sample, K>(
  key: (sample: T) => K,
  from: Model | KeyedStreams<K>,
  options?: FleetOptions,
): OperatorFunction<T, KeyedForecast<K>> {
  if (typeof key !== 'function') throw misfit('a function', 'key', key);
  if (isA(from, KeyedStreams)) {
    if (options !== undefined) {
      const what = 'none with KeyedStreams, which have their own';
      throw misfit(what, 'options', options);
    }
    const operator = feeding(
      key,
      () => from,
      () => {},
    );
    return countsIn(from.metrics, operator);
  }
  const own = checkFleet(from, options === undefined ? {} : options);
  const operator = feeding(
    key,
    () => new KeyedStreams<K>(from, own),
    (streams) => streams.dispose(),
  );
  return countsIn(own.metrics, operator);
}
