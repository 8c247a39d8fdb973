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
import { type CountOptions, countOptionChecks } from './stream-counters.ts';
import { type StreamOptions, streamOptionChecks } from './stream-options.ts';
import { checkParts } from './stream-parts.ts';

export interface FleetOptions extends StreamOptions, KeepOptions, CountOptions {
  /** Streams that are kept at once, 100,000 by default. One more, and the least recently used is forgotten. */
  maxStreams?: number;
  /** Time without a sample after which a stream is forgotten; never by default. */
  ttl?: Duration;
}

/** A forecast, and the key of the stream it belongs to. */
export type KeyedForecast<K> = LiveForecast & { readonly key: K };

const fields = {
  ...streamOptionChecks,
  ...keepOptionChecks,
  ...countOptionChecks,
  maxStreams: whole(1, 2 ** 24),
  ttl: milliseconds,
};
const check = record<Omit<FleetOptions, 'ttl'> & { ttl?: number }>(fields, Object.keys(fields) as never);

/**
 * Forecasts many streams that arrive as one, told apart by a key.
 *
 * `key` gives the key of a sample: anything a `Map` takes. Each key of each subscription has a state of its own, which is
 * made at its first sample, and forgotten when the key has been idle for `ttl` or when `maxStreams` others are more recent;
 * a bare `groupBy` would keep all for ever. With a store, for which keys are text, a stream that is forgotten goes there
 * with the next flush and comes back with its next sample, and all are written as `flush` says and at the end: so what the
 * store holds are always all streams at one moment. Samples that arrive in one turn of the event loop are stepped together at
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
  const { maxStreams = 100_000, ttl = Number.POSITIVE_INFINITY, store: _, flush: __, metrics, ...others } = checked;
  checkParts(model, others);
  return (source) =>
    new Observable((subscriber) => {
      const batch = new Batch(key, new Fleet<K>(model, others, maxStreams, metrics), ttl, checked, subscriber);
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

/**
 * Gathers the samples of a turn, steps them together and hands out their forecasts in the order of the samples.
 *
 * A sample is read when it comes, because its source may use its memory again. Its stream is looked up with all the others:
 * in one short loop the processor waits for several far places of memory at once.
 */
class Batch<T extends Sample, K> {
  readonly #keyOf: (sample: T) => K;
  readonly #fleet: Fleet<K>;
  readonly #ttl: number;
  readonly #keeper: Keeper | undefined;
  readonly #subscriber: Subscriber<KeyedForecast<K>>;
  /** Of the samples read. */
  readonly #keys: K[] = [];
  readonly #streams: (number | undefined)[] = [];
  /** Of those of them that were taken. */
  readonly #taken: K[] = [];
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
    else this.#work(() => this.#read(sample));
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
      while (this.#backlog.length > 0) for (const sample of this.#backlog.splice(0)) this.#read(sample);
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

  /** What was read before an error is answered before it. */
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

  #read(sample: T): void {
    if (this.#turn === undefined) this.#beginTurn();
    if (this.#keeper?.due) {
      this.#step();
      this.#flush();
    }
    const key = this.#keyOf(sample);
    this.#fleet.states.read(this.#keys.length, sample);
    this.#keys.push(key);
    this.#keeper?.count(sample);
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

  /** Answers all that was read. */
  #step(): void {
    for (let n = 0; n < this.#keys.length; n++) this.#streams[n] = this.#fleet.find(this.#keys[n]!);
    try {
      this.#take();
    } finally {
      this.#keys.length = 0;
      this.#answer(); // what was taken, before an error ends the stream
    }
  }

  #take(): void {
    const fleet = this.#fleet;
    let moved = false;
    for (let n = 0; n < this.#keys.length; n++) {
      const key = this.#keys[n]!;
      const known = moved ? fleet.find(key) : this.#streams[n];
      const ready = known === undefined ? fleet.hasRoom && !fleet.isFull : !fleet.states.staged(known);
      if (!ready) this.#answer();
      if (this.#subscriber.closed) return;
      if (known === undefined) moved = true;
      else fleet.use(known, this.#now);
      if (fleet.states.take(this.#taken.length, known ?? this.#open(key), n)) this.#taken.push(key);
    }
  }

  #open(key: K): number {
    if (this.#fleet.isFull) this.#fleet.closeOldest(this.#keeper?.store);
    return this.#fleet.open(key, this.#now, this.#keeper?.store);
  }

  #answer(): void {
    const { states } = this.#fleet;
    if (this.#taken.length === 0 || this.#subscriber.closed) return;
    states.advance(this.#taken.length);
    for (let k = 0; k < this.#taken.length; k++) {
      this.#subscriber.next(keyed(states.forecast(k), this.#taken[k]!));
      if (this.#subscriber.closed) break;
    }
    this.#taken.length = 0;
  }
}

/** Many times as fast as Object.assign. */
function keyed<K>(forecast: LiveForecast, key: K): KeyedForecast<K> {
  (forecast as { key?: K }).key = key;
  return forecast as KeyedForecast<K>;
}
