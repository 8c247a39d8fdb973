import {
  asapScheduler,
  Observable,
  type OperatorFunction,
  Subject,
  type Subscriber,
  type Subscription,
  takeUntil,
} from 'rxjs';
import { misfit } from '../../base/errors.ts';
import type { Forecaster } from '../../model/forecaster.ts';
import type { Sample } from '../../model/sample.ts';
import type { EventTime } from './event-time.ts';
import type { Fleet } from './fleet.ts';
import { type Keeper, offsetOf } from '../keeper.ts';
import { attach, checkFleet, detach, type Feed, type FleetOptions, KeyedStreams } from './keyed-streams.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { isA } from '../../base/values.ts';
import { countsIn } from '../stream-counters.ts';

/** A forecast, and the key of the stream it belongs to. */
export type KeyedForecast<K> = LiveForecast & { readonly key: K };

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
  model: Forecaster,
  options?: FleetOptions,
): OperatorFunction<T, KeyedForecast<K>>;
export function forecastBy<T extends Sample, K>(
  key: (sample: T) => K,
  from: Forecaster | KeyedStreams<K>,
  options?: FleetOptions,
): OperatorFunction<T, KeyedForecast<K>> {
  if (typeof key !== 'function') throw misfit('a function', 'key', key);
  if (isA(from, KeyedStreams)) {
    if (options !== undefined) {
      const what = 'none with KeyedStreams, which have their own';
      throw misfit(what, 'options', options);
    }
    const operator = forecasting(
      key,
      () => from,
      () => {},
    );
    return countsIn(from.metrics, operator);
  }
  const own = checkFleet(from, options === undefined ? {} : options);
  const operator = forecasting(
    key,
    () => new KeyedStreams<K>(from, own),
    (streams) => streams.dispose(),
  );
  return countsIn(own.metrics, operator);
}

/** `done` is called with the streams when nothing feeds them any more. */
function forecasting<T extends Sample, K>(
  key: (sample: T) => K,
  open: () => KeyedStreams<K>,
  done: (streams: KeyedStreams<K>) => void,
): OperatorFunction<T, KeyedForecast<K>> {
  return (source) =>
    new Observable((subscriber) => {
      const batch = new Batch(key, open(), done, subscriber);
      // Ends a source that never returns from its subscribe as soon as the subscriber has enough.
      const ended = new Subject<void>();
      subscriber.add(() => {
        ended.next();
        batch.dispose();
      });
      source.pipe(takeUntil(ended)).subscribe({
        next: (sample) => batch.next(sample),
        error: (error: unknown) => batch.end(() => subscriber.error(error)),
        complete: () => batch.end(() => subscriber.complete()),
      });
    });
}

/** Samples stepped together, at most: more would not make a step cheaper. */
const MOST = 512;

/**
 * Gathers the samples of a turn, steps them together and hands out their forecasts in the order of the samples.
 *
 * A sample is read when it comes, because its source may use its memory again. Its stream is looked up with all the
 * others: in one short loop the processor waits for several far places of memory at once.
 */
class Batch<T extends Sample, K> implements Feed {
  readonly #keyOf: (sample: T) => K;
  readonly #streamsOf: KeyedStreams<K>;
  readonly #done: (streams: KeyedStreams<K>) => void;
  readonly #fleet: Fleet<K>;
  readonly #ttl: number;
  readonly #eventTime: EventTime | undefined;
  readonly #keeper: Keeper | undefined;
  readonly #subscriber: Subscriber<KeyedForecast<K>>;
  /** Of the samples read. */
  readonly #keys: K[] = [];
  readonly #offsets: (number | undefined)[] = [];
  readonly #streams: (number | undefined)[] = [];
  /** Of those of them that were taken. */
  readonly #taken: K[] = [];
  /** What came while others were worked on: a subscriber may be what feeds the source. */
  readonly #backlog: T[] = [];
  /** What waits until all samples read are answered. */
  readonly #between: (() => void)[] = [];
  /** How the stream ends once all that came before is answered. */
  #ending: (() => void) | undefined;
  #busy = false;
  #turn: Subscription | undefined;
  #now = 0;

  constructor(
    keyOf: (sample: T) => K,
    streams: KeyedStreams<K>,
    done: (streams: KeyedStreams<K>) => void,
    subscriber: Subscriber<KeyedForecast<K>>,
  ) {
    const { fleet, ttl, eventTime, keeper } = streams[attach](this);
    this.#keyOf = keyOf;
    this.#streamsOf = streams;
    this.#done = done;
    this.#fleet = fleet;
    this.#ttl = ttl;
    this.#eventTime = eventTime;
    this.#keeper = keeper;
    this.#subscriber = subscriber;
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

  settle(): void {
    if (!this.#busy) this.#work(() => this.#step());
  }

  between(change: () => void): void {
    this.#between.push(change);
    if (!this.#busy) this.#work(() => this.#step());
  }

  fail(error: unknown): void {
    this.#subscriber.error(error);
  }

  /** Nothing touches the streams any more: from here on the subscriber is closed. */
  dispose(): void {
    this.#turn?.unsubscribe();
    this.#backlog.length = 0;
    this.#change();
    this.#streamsOf[detach](this);
    this.#done(this.#streamsOf);
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
    if (this.#keeper?.isDue(this.#keys.length)) {
      this.#step();
      this.#flush();
    }
    const key = this.#keyOf(sample);
    this.#fleet.read(this.#keys.length, sample);
    if (this.#keeper) this.#offsets[this.#keys.length] = offsetOf(sample);
    this.#keys.push(key);
    if (this.#keys.length === MOST) this.#step();
  }

  #beginTurn(): void {
    if (this.#eventTime === undefined) {
      this.#now = asapScheduler.now();
      this.#fleet.closeIdle(this.#now - this.#ttl, this.#keeper?.store);
    }
    const turn = asapScheduler.schedule(() => {
      this.#turn = undefined;
      this.#work(() => this.#step());
    });
    this.#turn = turn;
  }

  /** Answers all that was read. */
  #step(): void {
    const { moves } = this.#fleet;
    for (let n = 0; n < this.#keys.length; n++) this.#streams[n] = this.#fleet.find(this.#keys[n]!);
    try {
      this.#take(moves);
    } finally {
      this.#keys.length = 0;
      this.#answer(); // what was taken, before an error ends the stream
      this.#change();
    }
  }

  #change(): void {
    for (const change of this.#between.splice(0)) change();
  }

  /** `moves` of the fleet, when the streams were looked up. */
  #take(moves: number): void {
    const [fleet, keeper] = [this.#fleet, this.#keeper];
    const find = (n: number) => (fleet.moves === moves ? this.#streams[n] : fleet.find(this.#keys[n]!));
    for (let n = 0; n < this.#keys.length; n++) {
      const key = this.#keys[n]!;
      if (this.#eventTime) this.#pass(this.#eventTime, key, n);
      let stream = find(n);
      const ready = stream === undefined ? fleet.hasRoom && !fleet.isFull : !fleet.states.staged(stream);
      if (!ready) {
        this.#answer();
        stream = find(n);
      }
      if (this.#subscriber.closed) return;
      if (stream === undefined) stream = fleet.open(key, this.#now, keeper?.store);
      else fleet.use(stream, this.#now);
      if (fleet.take(this.#taken.length, stream, n)) this.#taken.push(key);
      keeper?.count(this.#offsets[n]);
    }
  }

  /**
   * Takes note of the time of sample n, one sample at a time, so that it makes no difference which samples share a
   * turn.
   */
  #pass(eventTime: EventTime, key: K, n: number): void {
    eventTime.take(key, this.#fleet.states.timeOf(n));
    this.#now = eventTime.elapsed;
    const idleSince = this.#now - this.#ttl;
    if (!this.#fleet.hasIdle(idleSince)) return;
    this.#answer(); // a waiting sample may be of a stream that is idle by now
    this.#fleet.closeIdle(idleSince, this.#keeper?.store);
  }

  /** All forecasts are made before the first is handed out, for the subscriber may act on any of the streams. */
  #answer(): void {
    const { states } = this.#fleet;
    if (this.#taken.length === 0 || this.#subscriber.closed) return;
    states.advance(this.#taken.length);
    const forecasts: KeyedForecast<K>[] = [];
    for (let k = 0; k < this.#taken.length; k++) forecasts.push(keyed(states.forecast(k), this.#taken[k]!));
    this.#taken.length = 0;
    for (const forecast of forecasts) {
      this.#subscriber.next(forecast);
      if (this.#subscriber.closed) break;
    }
  }
}

/** Many times as fast as Object.assign. */
function keyed<K>(forecast: LiveForecast, key: K): KeyedForecast<K> {
  (forecast as { key?: K }).key = key;
  return forecast as KeyedForecast<K>;
}
