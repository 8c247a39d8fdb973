import { asapScheduler } from 'rxjs';
import { GatecastError, misfit } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import type { Forecaster } from '../../model/forecaster.ts';
import type { Skipped } from '../../model/skipped.ts';
import { boolean, type Check, record, whole } from '../../base/schema.ts';
import { checkKey } from '../../stores/checks.ts';
import { EventTime } from './event-time.ts';
import { Fleet } from './fleet.ts';
import { isKept, Keeper, keepOptionChecks, type KeepOptions } from '../keeper.ts';
import type { Lineup } from '../swap/lineup.ts';
import type { StreamMetrics } from '../../metrics/stream-metrics.ts';
import { type CountOptions, countOptionChecks } from '../stream-counters.ts';
import { type StreamOptions, streamOptionChecks } from '../state/stream-options.ts';
import { checkParts } from '../state/stream-parts.ts';
import { StreamState } from '../state/stream-state.ts';
import { checkModel, checkSuccessor } from '../swap/swap-options.ts';
import { isA } from '../../base/values.ts';

export interface FleetOptions extends StreamOptions, KeepOptions, CountOptions {
  /** Streams that are kept at once, 100,000 by default. One more, and the least recently used is forgotten. */
  maxStreams?: number;
  /**
   * Time without a sample after which a stream is forgotten; never by default. A bare time is by the wall clock,
   * `{ event }` by the times of the samples: then a stream is forgotten when those of the others have come so much
   * further (see `EventTime`).
   */
  ttl?: Duration | { event: Duration };
}

export interface KeyedStreamsOptions extends FleetOptions {
  /**
   * Samples of each stream that are kept to warm a new model on; none by default, and then no model can be swapped in.
   */
  recent?: number;
}

type Ttl = number | { event: number };

const checkEventTtl = record<{ event: number }>({ event: milliseconds }, []);
const checkTtl: Check<Ttl> = (value, name) =>
  typeof value === 'object' && value !== null ? checkEventTtl(value, name) : milliseconds(value, name);

const fields = {
  ...streamOptionChecks,
  ...keepOptionChecks,
  ...countOptionChecks,
  maxStreams: whole(1, 2 ** 24),
  ttl: checkTtl,
};
const names = Object.keys(fields) as (keyof typeof fields)[];
const check = record<Omit<FleetOptions, 'ttl'> & { ttl?: Ttl }>(fields, names);
const checkKeyed = record<Omit<KeyedStreamsOptions, 'ttl'> & { ttl?: Ttl }>({ ...fields, recent: whole(1, 2 ** 20) }, [
  ...names,
  'recent',
]);
const checkSwap = record<{ revertible?: boolean }>({ revertible: boolean }, ['revertible']);

/** A checked copy of the options of a fleet, of a model that fits them. Throws `invalid-argument`. */
export function checkFleet(model: unknown, options: unknown) {
  checkModel(model);
  const checked = check(options, 'options');
  checkParts(model, split(checked).stream);
  return checked;
}

function split(options: ReturnType<typeof checkKeyed>) {
  const { maxStreams = 100_000, ttl = Number.POSITIVE_INFINITY, recent = 0, ...others } = options;
  const { store: _, flush: __, metrics, ...stream } = others;
  return { maxStreams, ttl, recent, metrics, stream };
}

/** The parts that a feed works with. */
export interface FleetParts<K> {
  readonly fleet: Fleet<K>;
  /** [ms]; by the wall clock if there is no event time. */
  readonly ttl: number;
  readonly eventTime: EventTime | undefined;
  readonly keeper: Keeper | undefined;
}

/** What feeds the streams while it lasts: a subscription to `forecastBy`. */
export interface Feed {
  /** Answers the samples that have come, unless it is about to. */
  settle(): void;
  /** The same, and does this when it has: at once, or when it has answered all that it is about to. */
  between(change: () => void): void;
  /** Hears of a write that failed between samples. */
  fail(error: unknown): void;
}

/** The names of the methods by which `forecastBy` takes and gives back what it works on. */
export const attach: unique symbol = Symbol('attach');
export const detach: unique symbol = Symbol('detach');

/**
 * The streams of many keys, as a value: hand it to `forecastBy` in place of the model, and reach the state of each key
 * while they run.
 *
 * It remains the caller's: one subscription after another goes on with it, so it survives `retry()` and `repeat()`.
 * What is asked of a key, or done to it, comes after the samples that came before: those of the turn are answered
 * first, except within a subscriber, where it comes after those that are answered together with the one in hand. A key
 * that is only in the store is fetched back, which may make the least recently used give way, as a sample would.
 *
 * With `recent` the model of all streams can be changed between two samples, by `swap`, and back, by `revert`. The new
 * one may have another network, lookback, horizon, levels and more targets; it takes the inputs of the first model, or
 * some of them, by name.
 *
 * ```ts
 * const pumps = new KeyedStreams<string>(model, { history: 5, store: fileStore('pumps') });
 * readings$.pipe(forecastBy((r) => r.pump, pumps)).subscribe((f) => console.log(f.key, f.mean));
 * const what = pumps.fork('north')?.step([75, 2.9]); // what if? the stream of the pump knows nothing of it
 * pumps.rewind('north', 1); // as before its last sample
 * ```
 *
 * ```text
 * samples     --a1--b1--a2--b2--a3--b3--|     streams.swap(new) after b2
 *             forecastBy(key, streams)
 * forecasts   --A1--B1--A2--B2--A3'-B3'-|     A3' by the new model, which knows of a1 and a2
 * ```
 */
export class KeyedStreams<K = unknown> {
  /** Metrics that count the samples, if there are any. */
  readonly metrics: StreamMetrics | undefined;
  /** The inputs in a sample. */
  readonly #names: readonly string[];
  readonly #keepsRecent: boolean;
  readonly #fleet: Fleet<K>;
  /** The streams in the model that answers from the next sample on, and in the one before. */
  #serving: Lineup;
  #former: Lineup | undefined;
  readonly #ttl: number;
  /** Event time, if the times of the samples decide which streams are idle. */
  readonly #eventTime: EventTime | undefined;
  readonly #keeper: Keeper | undefined;
  #feed: Feed | undefined;
  #disposed = false;

  /** No streams yet, but for those in the store. Throws `invalid-argument` for a model or an option that is none. */
  constructor(model: Forecaster, options: KeyedStreamsOptions = {}) {
    checkModel(model);
    const checked = checkKeyed(options, 'options');
    const { maxStreams, ttl, recent, metrics, stream } = split(checked);
    this.metrics = metrics;
    checkParts(model, stream); // a name that no input has would be left out for each model
    this.#names = model.description.inputs.map(({ name }) => name);
    this.#keepsRecent = recent > 0;
    this.#ttl = typeof ttl === 'number' ? ttl : ttl.event;
    if (typeof ttl !== 'number') this.#eventTime = new EventTime(ttl.event);
    this.#fleet = new Fleet(model, stream, maxStreams, metrics, recent);
    this.#serving = this.#fleet.lineup;
    if (isKept(checked)) this.#keeper = new Keeper(checked, () => this.#fleet.putChanged(checked.store));
  }

  /** The model that answers from the next sample on. */
  get model(): Forecaster {
    return this.#serving.model;
  }

  /** Streams in memory. */
  get size(): number {
    return this.#fleet.size;
  }

  /**
   * Keys of the streams in memory, at this moment. A store has more: `store.keys()` are the streams written to it; the
   * ones in memory may have advanced since.
   */
  keys(): K[] {
    this.#settle();
    return this.#fleet.keys();
  }

  /** Samples of the key that were left out, by the reason; undefined for a key that has no stream. */
  skipped(key: K): Skipped | undefined {
    const stream = this.#find(key);
    return stream === undefined ? undefined : this.#fleet.states.skipped(stream);
  }

  /** A state that goes on from where the stream of the key is, on its own; undefined for a key that has none. */
  fork(key: K): StreamState | undefined {
    const snapshot = this.snapshot(key);
    if (snapshot === undefined) return undefined;
    const { model, options } = this.#fleet.lineup;
    const state = new StreamState(model, options);
    state.restore(snapshot);
    return state;
  }

  /**
   * Whether the stream of the key remembers the same as a state, to the bit, as in `StreamState.equals`; false for a
   * key that has none.
   */
  equals(key: K, state: StreamState): boolean {
    if (!isA(state, StreamState)) {
      throw misfit('a StreamState', 'the state to compare', state);
    }
    const own = this.fork(key);
    const same = own?.equals(state) ?? false;
    own?.dispose();
    return same;
  }

  /**
   * All that the stream of the key remembers, as `StreamState.snapshot` says it of the model that answers; undefined
   * for a key that has none.
   */
  snapshot(key: K): Uint8Array | undefined {
    const stream = this.#find(key);
    return stream === undefined ? undefined : this.#fleet.states.memory.snapshot(stream);
  }

  /**
   * The stream of the key, new if it has none, takes over a snapshot of a stream of the model that answers and these
   * options; samples that were kept of it are forgotten. Throws `invalid-file`, nothing changed, for one that does not
   * fit.
   */
  restore(key: K, snapshot: Uint8Array): void {
    this.#settle();
    const { memory } = this.#fleet.states;
    memory.check(snapshot);
    if (this.#keeper) void checkKey(key);
    const stream = this.#fleet.find(key) ?? this.#fleet.begin(key, this.#now(), this.#keeper?.store);
    this.#fleet.restore(stream, snapshot);
    this.#changed(stream);
  }

  /**
   * The stream of the key is as it was before its last `count` steps; among those kept for another model, their samples
   * remain. Throws `invalid-argument`, nothing changed, for more than `history` keeps, and for a key that has none.
   */
  rewind(key: K, count: number): void {
    const stream = this.#need(key);
    this.#fleet.rewind(stream, count);
    this.#changed(stream);
  }

  /** The stream of the key forgets all, as if newly made. Throws `invalid-argument` for a key that has none. */
  reset(key: K): void {
    const stream = this.#need(key);
    this.#fleet.reset(stream);
    this.#changed(stream);
  }

  /**
   * Another model answers all keys from the next sample on, with none missing: the samples of the turn are answered by
   * the old one first. There is no trial as in `LiveModel.swap`. The stream of a key takes the samples that were kept
   * of it, `recent` at most, when its next one comes, inside the same turn.
   *
   * The old model's streams stay in memory for `revert`, until the next swap. With `revertible: false` they are freed
   * at once.
   *
   * Throws `invalid-argument`, nothing changed, without `recent`, and for a model that cannot answer in place of this
   * one: it needs an input that the samples lack, does not forecast a target, has an interval more than a tenth apart,
   * or does not fit the options of the streams.
   */
  swap(model: Forecaster, options: { revertible?: boolean } = {}): void {
    this.#checkUsable();
    checkModel(model);
    const { revertible = true } = checkSwap(options, 'options');
    if (!this.#keepsRecent) {
      const what = 'a number of samples to warm the new model on, given when the streams were made,';
      throw misfit(what, 'recent', undefined);
    }
    checkSuccessor(model, this.model, this.#names);
    this.#answerBy(this.#fleet.prepare(model), revertible ? this.#serving : undefined);
  }

  /**
   * The model before the last swap answers again, and once more the newer one. A stream goes on where that model left
   * it, and takes what has come since; where that is more than `recent`, it is warmed on those. False when there is
   * none to go back to.
   */
  revert(): boolean {
    this.#checkUsable();
    if (this.#former === undefined) return false;
    this.#answerBy(this.#former, this.#serving);
    return true;
  }

  /** Answers the samples received so far, which otherwise waits for the end of the turn; not inside a subscriber. */
  settle(): void {
    this.#settle();
  }

  /** Writes all that has changed to the store, also what no sample has changed. Throws `io`. */
  flush(): void {
    this.#settle();
    this.#keeper?.flush();
  }

  /**
   * Frees the memory of all streams now; what is not written yet is lost, and a subscription fails. May be called
   * twice.
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#keeper?.stop();
    this.#feed?.fail(disposed());
    this.#fleet.dispose();
  }

  /**
   * Gives what `forecastBy` works on to one feed at a time. Throws `busy` while there is another, and
   * `disposed`.
   */
  [attach](feed: Feed): FleetParts<K> {
    this.#checkUsable();
    if (this.#feed !== undefined) {
      const what = 'Expected one subscription at a time for KeyedStreams but received a second one.';
      throw new GatecastError('busy', what);
    }
    this.#feed = feed;
    this.#keeper?.start((error) => feed.fail(error));
    return { fleet: this.#fleet, ttl: this.#ttl, eventTime: this.#eventTime, keeper: this.#keeper };
  }

  /** The feed has ended. */
  [detach](feed: Feed): void {
    if (this.#feed !== feed) return;
    this.#feed = undefined;
    this.#keeper?.stop();
  }

  /** The stream of a key, from the store if it is there. */
  #find(key: K): number | undefined {
    this.#settle();
    const store = this.#keeper?.store;
    const stream = this.#fleet.find(key);
    if (stream !== undefined) this.#fleet.catchUp(stream);
    if (stream !== undefined || this.#fleet.kept(key, store) === undefined) return stream;
    return this.#fleet.open(key, this.#now(), store);
  }

  #need(key: K): number {
    const stream = this.#find(key);
    if (stream !== undefined) return stream;
    throw misfit('the key of a stream', 'key', key);
  }

  #changed(stream: number): void {
    this.#fleet.use(stream, this.#now());
    this.#keeper?.change();
  }

  #answerBy(serving: Lineup, former: Lineup | undefined): void {
    const gone = [this.#serving, this.#former].filter((lineup) => lineup !== serving && lineup !== former);
    this.#serving = serving;
    this.#former = former;
    const change = () => {
      this.#fleet.change(serving, former);
      for (const lineup of gone) lineup?.dispose();
    };
    if (this.#feed) this.#feed.between(change);
    else change();
  }

  /** Time by the clock of the ttl [ms]. */
  #now(): number {
    return this.#eventTime?.elapsed ?? asapScheduler.now();
  }

  #settle(): void {
    this.#checkUsable();
    this.#feed?.settle();
    this.#checkUsable(); // who was answered may have disposed of it
  }

  #checkUsable(): void {
    if (this.#disposed) throw disposed();
  }
}

function disposed(): GatecastError {
  return new GatecastError('disposed', 'Expected KeyedStreams in use but received disposed ones.');
}
