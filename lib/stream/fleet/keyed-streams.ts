import { GatecastError, misfit } from '../../base/errors.ts';
import { checkModel, type Model } from '../../model/model.ts';
import { type SampleForm, sampleForm } from '../../model/sample.ts';
import type { Skipped } from '../../model/skipped.ts';
import { boolean, object, whole } from '../../base/schema.ts';
import { checkKey } from '../../stores/checks.ts';
import { attach, detach, type Feed, type FleetParts } from './feed.ts';
import { Fleet } from './fleet.ts';
import { type Checked, FleetClock, type FleetLimits, fleetLimitChecks, MOST_STREAMS } from './fleet-limits.ts';
import { isKept, Keeper, keepOptionChecks, type KeepOptions } from '../keeper.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { type ForecastLineup, forecastLineup } from '../swap/lineup.ts';
import { RecentByStream } from '../swap/recent-by-stream.ts';
import type { StreamMetrics } from '../../metrics/stream-metrics.ts';
import { type CountOptions, countOptionChecks, StreamCounters } from '../stream-counters.ts';
import { type StreamOptions, streamOptionChecks } from '../state/stream-options.ts';
import { checkOptionsFit } from '../state/forecast-parts.ts';
import { StreamState } from '../state/stream-state.ts';
import { checkSuccessor, optionsFor } from '../swap/swap-options.ts';
import { isA } from '../../base/values.ts';

export interface FleetOptions extends StreamOptions, KeepOptions, CountOptions, FleetLimits {}

export interface KeyedStreamsOptions extends FleetOptions {
  /**
   * How many samples of each stream are kept to warm a new model on. None by default; then no model can be swapped in.
   */
  recent?: number;
}

const fields = {
  ...streamOptionChecks,
  ...keepOptionChecks,
  ...countOptionChecks,
  ...fleetLimitChecks,
};
const names = Object.keys(fields) as (keyof typeof fields)[];
const check = object<Checked<FleetOptions>>(fields, names);
const checkKeyed = object<Checked<KeyedStreamsOptions>>({ ...fields, recent: whole(1, 2 ** 20) }, [...names, 'recent']);
const checkSwap = object<{ revertible?: boolean }>({ revertible: boolean }, ['revertible']);

/** Checks the options of a fleet against the model and returns a copy. Throws `invalid-argument`. */
export function checkFleet(model: unknown, options: unknown) {
  checkModel(model);
  const checked = check(options, 'options');
  checkOptionsFit(model, split(checked).stream);
  return checked;
}

function split(options: ReturnType<typeof checkKeyed>) {
  const { maxStreams: _, ttl: __, store: ___, flush: ____, recent = 0, metrics, ...stream } = options;
  return { recent, metrics, stream };
}

/**
 * The streams of many keys, as a value: hand it to `forecastBy` in place of the model, and reach the state of each key
 * while they run.
 *
 * It remains the caller's: one subscription after another continues it, so it survives `retry()` and `repeat()`. A call
 * about a key takes effect after the samples that came before it: those of the turn are answered first. Called within a
 * subscriber, it takes effect after the samples that are answered together with the present one. A key that is only in
 * the store is fetched back, which may drop the least recently used stream, as a sample would.
 *
 * With `recent` the model of all streams can be changed between two samples, by `swap`, and back, by `revert`. The new
 * model may have another network, lookback, horizon, levels and more targets; it takes all or some of the inputs of the
 * first model, by name.
 *
 * ```ts
 * const pumps = new KeyedStreams<string>(model, { history: 5, store: fileStore('pumps') });
 * readings$.pipe(forecastBy((r) => r.pump, pumps)).subscribe((f) => console.log(f.key, f.mean));
 * const what = pumps.fork('north')?.step([75, 2.9]); // what if? the stream of the pump is not affected
 * pumps.rewind('north', 1); // as before its last sample
 * ```
 *
 * ```text
 * samples     --a1--b1--a2--b2--a3--b3--|     streams.swap(new) after b2
 *             forecastBy(key, streams)
 * forecasts   --A1--B1--A2--B2--A3'-B3'-|     A3' by the new model, which has taken a1 and a2
 * ```
 */
export class KeyedStreams<K = unknown> {
  /** Metrics that count the samples, if given. */
  readonly metrics: StreamMetrics | undefined;
  /** The inputs of a sample. */
  readonly #form: SampleForm;
  readonly #keepsRecent: boolean;
  readonly #fleet: Fleet<K, LiveForecast, Model>;
  readonly #options: StreamOptions;
  readonly #counters: StreamCounters | undefined;
  /** The streams in the model that answers from the next sample on; then those in the previous model. */
  #serving: ForecastLineup;
  #former: ForecastLineup | undefined;
  readonly #clock: FleetClock;
  readonly #keeper: Keeper | undefined;
  #feed: Feed | undefined;
  #disposed = false;

  /**
   * Has no streams yet, except those in the store. Throws `invalid-argument` for a value that is not a model and for a
   * wrong option.
   */
  constructor(model: Model, options: KeyedStreamsOptions = {}) {
    checkModel(model);
    const checked = checkKeyed(options, 'options');
    const { recent, metrics, stream } = split(checked);
    const { maxStreams = MOST_STREAMS, onInvalid } = checked;
    this.metrics = metrics;
    this.#options = stream;
    this.#counters = metrics && new StreamCounters(metrics);
    checkOptionsFit(model, stream); // a name that no input has would be left out for each model
    this.#form = sampleForm(model.description);
    this.#keepsRecent = recent > 0;
    this.#clock = new FleetClock(checked.ttl);
    const kept = this.#keepsRecent ? new RecentByStream(this.#form, recent, onInvalid) : undefined;
    this.#fleet = new Fleet((room) => this.#lineupOf(model, room), maxStreams, this.#counters, kept);
    this.#serving = this.#fleet.lineup;
    if (isKept(checked)) this.#keeper = new Keeper(checked, () => this.#fleet.putChanged(checked.store));
  }

  /** The model that answers from the next sample on. */
  get model(): Model {
    return this.#serving.model;
  }

  /** How many streams are in memory. */
  get size(): number {
    return this.#fleet.size;
  }

  /**
   * Keys of the streams in memory at this moment. A store has more: `store.keys()` are all streams written to it, and
   * those in memory may have advanced since.
   */
  keys(): K[] {
    this.#settle();
    return this.#fleet.keys();
  }

  /** How many samples of the key were left out, by reason; undefined for a key without a stream. */
  skipped(key: K): Skipped | undefined {
    const stream = this.#find(key);
    return stream === undefined ? undefined : this.#fleet.states.skipped(stream);
  }

  /** An independent state that continues from where the stream of the key is; undefined for a key without a stream. */
  fork(key: K): StreamState | undefined {
    const snapshot = this.snapshot(key);
    if (snapshot === undefined) return undefined;
    const { model } = this.#fleet.lineup;
    const state = new StreamState(model, optionsFor(model, this.#options));
    state.restore(snapshot);
    return state;
  }

  /**
   * Whether the stream of the key and a state are equal, to the bit, as in `StreamState.equals`; false for a key
   * without a stream.
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
   * A snapshot of the key's stream in the model that answers, as from `StreamState.snapshot`; undefined for a key
   * without a stream.
   */
  snapshot(key: K): Uint8Array | undefined {
    const stream = this.#find(key);
    return stream === undefined ? undefined : this.#fleet.states.memory.snapshot(stream);
  }

  /**
   * Restores the stream of the key, which is made if missing, from a snapshot of a stream with the answering model and
   * these options. Samples kept of the stream are dropped. Throws `invalid-file`, with nothing changed, for a snapshot
   * that does not fit.
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
   * Takes the stream of the key back by `count` steps; the samples kept for another model still include those of these
   * steps. Throws `invalid-argument`, with nothing changed, for more steps than `history` keeps, and for a key without
   * a stream.
   */
  rewind(key: K, count: number): void {
    const stream = this.#need(key);
    this.#fleet.rewind(stream, count);
    this.#changed(stream);
  }

  /** Resets the stream of the key, as if newly made. Throws `invalid-argument` for a key without a stream. */
  reset(key: K): void {
    const stream = this.#need(key);
    this.#fleet.reset(stream);
    this.#changed(stream);
  }

  /**
   * Makes another model answer all keys from the next sample on, with no forecast missing: the samples of this turn are
   * answered by the old model first. There is no trial as in `LiveModel.swap`. The stream of a key takes the samples
   * kept of it, at most `recent`, when its next sample comes, inside the same turn.
   *
   * The streams of the old model stay in memory for `revert` until the next swap; with `revertible: false` they are
   * freed at once.
   *
   * Throws `invalid-argument`, with nothing changed, without `recent`, and for a model that cannot replace this one: it
   * needs an input that the samples lack, does not forecast a target, has an interval that differs by more than a
   * tenth, or does not fit the options of the streams.
   */
  swap(model: Model, options: { revertible?: boolean } = {}): void {
    this.#checkUsable();
    checkModel(model);
    const { revertible = true } = checkSwap(options, 'options');
    if (!this.#keepsRecent) {
      const what = 'a number of samples to warm the new model on, given when the streams were made,';
      throw misfit(what, 'recent', undefined);
    }
    checkSuccessor(model, this.model, this.#form);
    this.#answerBy(this.#lineupOf(model, this.#fleet.lineup.capacity), revertible ? this.#serving : undefined);
  }

  /**
   * Goes back to the model before the last swap; called again, forward to the newer one. A stream continues where that
   * model left it, and takes the samples that came since; if those are more than `recent`, it is warmed on the ones
   * kept. Returns false if there is no model to go back to.
   */
  revert(): boolean {
    this.#checkUsable();
    if (this.#former === undefined) return false;
    this.#answerBy(this.#former, this.#serving);
    return true;
  }

  /** Answers the samples received so far now instead of at the end of the turn; has no effect inside a subscriber. */
  settle(): void {
    this.#settle();
  }

  /** Writes all changes to the store, including those not made by samples. Throws `io`. */
  flush(): void {
    this.#settle();
    this.#keeper?.flush();
  }

  /**
   * Frees the memory of all streams now. Changes not yet written are lost, and a subscription fails. May be called
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
  [attach](feed: Feed): FleetParts<K, LiveForecast, Model> {
    this.#checkUsable();
    if (this.#feed !== undefined) {
      const what = 'Expected one subscription at a time for KeyedStreams but received a second one.';
      throw new GatecastError('busy', what);
    }
    this.#feed = feed;
    this.#keeper?.start((error) => feed.fail(error));
    return { fleet: this.#fleet, clock: this.#clock, keeper: this.#keeper };
  }

  /** The feed has ended. */
  [detach](feed: Feed): void {
    if (this.#feed !== feed) return;
    this.#feed = undefined;
    this.#keeper?.stop();
  }

  /** The stream of a key, fetched from the store if it is there. */
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

  /** The streams for a model, which it has nothing of yet. */
  #lineupOf(model: Model, room: number): ForecastLineup {
    return forecastLineup(model, this.#form.names, this.#options, room, this.#counters);
  }

  #answerBy(serving: ForecastLineup, former: ForecastLineup | undefined): void {
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

  /** The present time by the clock of the ttl [ms]. */
  #now(): number {
    return this.#clock.now;
  }

  #settle(): void {
    this.#checkUsable();
    this.#feed?.settle();
    this.#checkUsable(); // a subscriber that was just answered may have disposed of it
  }

  #checkUsable(): void {
    if (this.#disposed) throw disposed();
  }
}

function disposed(): GatecastError {
  return new GatecastError('disposed', 'Expected KeyedStreams in use but received disposed ones.');
}
