import {
  asapScheduler,
  Observable,
  type OperatorFunction,
  Subject,
  type Subscriber,
  type Subscription,
  takeUntil,
} from 'rxjs';
import { expected, GatecastError } from '../errors.ts';
import { type Duration, milliseconds } from '../model/duration.ts';
import { Forecaster } from '../model/forecaster.ts';
import type { Sample } from '../model/sample.ts';
import { record, whole } from '../model/schema.ts';
import { Fleet } from './fleet.ts';
import { isKept, Keeper, keepOptionChecks, type KeepOptions } from './keeper.ts';
import type { LiveForecast } from './live-forecast.ts';
import { type StreamOptions, streamOptionChecks } from './stream-options.ts';
import { checkParts } from './stream-parts.ts';

export interface FleetOptions extends StreamOptions, KeepOptions {
  /** Streams that are kept at once, 100,000 by default. One more, and the least recently used is forgotten. */
  maxStreams?: number;
  /** Time without a sample after which a stream is forgotten; never by default. */
  ttl?: Duration;
}

/** A forecast, and the key of the stream it belongs to. */
export type KeyedForecast<K> = LiveForecast & { readonly key: K };

const fields = { ...streamOptionChecks, ...keepOptionChecks, maxStreams: whole(1, 2 ** 24), ttl: milliseconds };
const check = record<Omit<FleetOptions, 'ttl'> & { ttl?: number }>(fields, Object.keys(fields) as never);

/**
 * Forecasts many streams that arrive as one, told apart by a key.
 *
 * `key` gives the key of a sample: anything a `Map` takes. Each key of each subscription has a state of its own, which is
 * made at its first sample, and forgotten when the key has been idle for `ttl` or when `maxStreams` others are more recent;
 * a bare `groupBy` would keep all for ever. With a store, for which keys are text, a stream that is forgotten goes there and
 * comes back from there with its next sample, and all are written as `flush` says and at the end. Samples that arrive in one turn of the event loop are stepped together at
 * its end, in the order they came, with the same bits as one by one. An error thrown by `key` ends the stream. In all else
 * this is `forecast`.
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
  model: Forecaster,
  options: FleetOptions = {},
): OperatorFunction<T, KeyedForecast<K>> {
  if (typeof key !== 'function') throw new GatecastError('invalid-argument', expected('a function', 'key', key));
  if (!(model instanceof Forecaster)) {
    throw new GatecastError('invalid-argument', expected('a Forecaster', 'model', model));
  }
  const checked = check(options, 'options');
  const { maxStreams = 100_000, ttl = Number.POSITIVE_INFINITY, store: _, flush: __, ...others } = checked;
  checkParts(model, others);
  return (source) =>
    new Observable((subscriber) => {
      const batch = new Batch(key, new Fleet<K>(model, others, maxStreams), ttl, checked, subscriber);
      // Ends a source that never returns from its subscribe as soon as the subscriber has enough.
      const ended = new Subject<void>();
      subscriber.add(() => ended.next());
      source.pipe(takeUntil(ended)).subscribe({
        next: (sample) => batch.next(sample),
        error: (error: unknown) => batch.end(() => subscriber.error(error)),
        complete: () => batch.end(() => subscriber.complete()),
      });
      return () => batch.dispose();
    });
}

/** Samples stepped together, at most: more would not make a step cheaper. */
const MOST = 512;

/** Gathers the samples of a turn, steps them together and hands out their forecasts in the order of the samples. */
class Batch<T extends Sample, K> {
  readonly #keyOf: (sample: T) => K;
  readonly #fleet: Fleet<K>;
  readonly #ttl: number;
  readonly #keeper: Keeper | undefined;
  readonly #subscriber: Subscriber<KeyedForecast<K>>;
  /** Of the samples staged. */
  readonly #keys: K[] = [];
  /** What came while others were worked on: a subscriber may be what feeds the source. */
  readonly #backlog: T[] = [];
  /** How the stream ends once all that came before is answered. */
  #ending: (() => void) | undefined;
  #busy = false;
  #disposed = false;
  #turn: Subscription | undefined;
  #now = 0;

  constructor(
    keyOf: (sample: T) => K,
    fleet: Fleet<K>,
    ttl: number,
    options: KeepOptions,
    subscriber: Subscriber<KeyedForecast<K>>,
  ) {
    this.#keyOf = keyOf;
    this.#fleet = fleet;
    this.#ttl = ttl;
    this.#subscriber = subscriber;
    if (isKept(options)) {
      this.#keeper = new Keeper(
        options,
        () => fleet.putChanged(options.store),
        (error) => subscriber.error(error),
      );
    }
  }

  next(sample: T): void {
    if (this.#busy) this.#backlog.push(sample);
    else this.#work(() => this.#stage(sample));
  }

  /** Hands out all that came before, writes everything, and ends with what `ending` does. */
  end(ending: () => void): void {
    this.#ending = ending;
    if (!this.#busy) this.#work(() => {});
  }

  /** What is being worked on needs the states to its end. */
  dispose(): void {
    this.#turn?.unsubscribe();
    this.#keeper?.dispose();
    this.#backlog.length = 0;
    this.#disposed = true;
    if (!this.#busy) this.#fleet.dispose();
  }

  /** Does this, then what comes of it: never one within the other, so that all is taken in the order it came. */
  #work(first: () => void): void {
    if (this.#subscriber.closed) return;
    this.#busy = true;
    try {
      first();
      while (this.#backlog.length > 0) for (const sample of this.#backlog.splice(0)) this.#stage(sample);
      if (this.#ending) {
        this.#step();
        this.#flush();
        this.#ending();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#busy = false;
      if (this.#disposed) this.#fleet.dispose();
    }
  }

  /** What is staged has been taken: it is handed out before an error ends the stream. */
  #fail(error: unknown): void {
    try {
      this.#step();
    } catch {} // the first error is the one to tell
    this.#subscriber.error(error);
  }

  /** Writes everything, unless the subscriber left before it had all. */
  #flush(): void {
    if (!this.#subscriber.closed) this.#keeper?.flush();
  }

  #stage(sample: T): void {
    if (this.#turn === undefined) this.#beginTurn();
    if (this.#keeper?.due) {
      this.#step();
      this.#flush();
    }
    const key = this.#keyOf(sample);
    const stream = this.#open(key);
    if (this.#subscriber.closed) return; // it left at what this made room for
    const makesStep = this.#fleet.states.take(this.#keys.length, stream, sample);
    this.#keeper?.count(sample);
    if (!makesStep) return;
    this.#keys.push(key);
    if (this.#keys.length === MOST) this.#step();
  }

  #beginTurn(): void {
    this.#now = asapScheduler.now();
    this.#fleet.closeIdle(this.#now - this.#ttl, this.#keeper?.store);
    const turn = asapScheduler.schedule(() => {
      this.#turn = undefined;
      this.#work(() => this.#step());
    });
    this.#turn = turn;
  }

  #open(key: K): number {
    const fleet = this.#fleet;
    const known = fleet.find(key);
    if (known !== undefined) {
      if (fleet.states.staged(known)) this.#step();
      fleet.use(known, this.#now);
      return known;
    }
    if (fleet.isFull || !fleet.hasRoom) this.#step();
    if (fleet.isFull) fleet.closeOldest(this.#keeper?.store);
    return fleet.open(key, this.#now, this.#keeper?.store);
  }

  #step(): void {
    const { states } = this.#fleet;
    if (this.#keys.length > 0) {
      states.advance(this.#keys.length);
      const forecasts = this.#keys.map((key, k) => keyed(states.forecast(k), key));
      this.#keys.length = 0;
      this.#emit(forecasts);
    }
  }

  #emit(forecasts: readonly KeyedForecast<K>[]): void {
    for (const forecast of forecasts) {
      if (this.#subscriber.closed) return;
      this.#subscriber.next(forecast);
    }
  }
}

/** Many times as fast as Object.assign. */
function keyed<K>(forecast: LiveForecast, key: K): KeyedForecast<K> {
  (forecast as { key?: K }).key = key;
  return forecast as KeyedForecast<K>;
}
