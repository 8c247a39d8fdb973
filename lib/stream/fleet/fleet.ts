import { GatecastError } from '../../base/errors.ts';
import type { Sample } from '../../model/sample.ts';
import type { Store } from '../../stores/store.ts';
import { formatKept, parseKept } from '../kept-stream.ts';
import type { Lineup } from '../swap/lineup.ts';
import type { RecentByStream } from '../swap/recent-by-stream.ts';
import type { StreamCounters } from '../stream-counters.ts';
import type { StreamStates } from '../state/stream-states.ts';
import { UseLog } from './use-log.ts';

/** Room for this many streams at first; it doubles up to the limit. */
const FIRST_ROOM = 16;

/**
 * Streams by key, with all states in one slab. When there are too many, the least recently used is closed. Outside the
 * slab a stream costs its entry in a Map and 29 bytes.
 */
export class Fleet<K, Answer, M> {
  /** Samples kept for another model. */
  readonly #recent: RecentByStream | undefined;
  #lineup: Lineup<Answer, M>;
  /** The streams in the previous model, for going back. */
  #former: Lineup<Answer, M> | undefined;
  readonly #most: number;
  readonly #counters: StreamCounters | undefined;
  readonly #streams = new Map<K, number>();
  #keys: (K | undefined)[] = [];
  /** Stream numbers that are not in use. */
  readonly #free: number[] = [];
  readonly #uses: UseLog;
  /** Whether each stream was used since it was last put into a store. */
  #changed: Uint8Array;
  /**
   * Snapshots of closed streams that go to the store together with the others, so that it always holds all streams at
   * one moment.
   */
  readonly #leaving = new Map<K, Uint8Array>();
  #moves = 0;

  /** `open` makes the first lineup, with room for so many streams. */
  constructor(
    open: (room: number) => Lineup<Answer, M>,
    most: number,
    counters: StreamCounters | undefined,
    recent?: RecentByStream,
  ) {
    this.#recent = recent;
    this.#most = most;
    this.#counters = counters;
    const room = Math.min(FIRST_ROOM, most);
    this.#lineup = open(room);
    this.#uses = new UseLog(room);
    this.#changed = new Uint8Array(room);
  }

  /** The streams in the model that answers. */
  get lineup(): Lineup<Answer, M> {
    return this.#lineup;
  }

  get states(): StreamStates<Answer> {
    return this.#lineup.states;
  }

  /** From here on the streams are answered by another model; nothing may be read and not yet answered. */
  change(lineup: Lineup<Answer, M>, former: Lineup<Answer, M> | undefined): void {
    const room = this.#lineup.capacity;
    if (lineup.capacity < room) lineup.grow(room);
    this.#lineup = lineup;
    this.#former = former;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Whether a stream can be opened without growing or closing another; either requires that nothing is staged. */
  get hasRoom(): boolean {
    return this.#free.length > 0 || this.#keys.length < this.#lineup.capacity;
  }

  /** Grows when a stream is opened or closed: a stream number looked up before may then be invalid. */
  get moves(): number {
    return this.#moves;
  }

  find(key: K): number | undefined {
    return this.#streams.get(key);
  }

  /** Whether a stream has to be closed before another can be opened. */
  get isFull(): boolean {
    return this.size === this.#most;
  }

  /** The snapshot of a closed stream. Throws `invalid-argument` for a key that a store cannot have. */
  kept(key: K, store?: Store): Uint8Array | undefined {
    return this.#leaving.get(key) ?? store?.get(key as string);
  }

  /**
   * Opens a stream now: new, or from its snapshot in the store. The least recently used one is closed if there is no
   * room.
   */
  open(key: K, now: number, store?: Store): number {
    const kept = this.kept(key, store);
    const stream = this.begin(key, now, store);
    if (kept === undefined) return stream;
    try {
      this.#takeBack(stream, kept);
      this.#counters?.restores.add();
    } catch (error) {
      this.#close(stream);
      throw error;
    }
    return stream;
  }

  /** Opens a stream as `open` does, but always as a new one. */
  begin(key: K, now: number, store?: Store): number {
    if (this.isFull) this.closeOldest(store);
    let stream = this.#free.pop();
    if (stream === undefined) {
      stream = this.#keys.length;
      if (stream === this.#lineup.capacity) this.#grow(Math.min(2 * stream, this.#most));
    }
    this.reset(stream);
    this.#leaving.delete(key);
    this.#keys[stream] = key;
    this.#streams.set(key, stream);
    this.use(stream, now);
    this.#moves++;
    return stream;
  }

  /** Reads a sample, of any stream, as number n. Throws as `StreamState.step` does. */
  read(n: number, sample: Sample): void {
    if (this.#recent) this.#lineup.read(n, sample, this.#recent.read(n, sample));
    else this.states.read(n, sample);
  }

  /** See `StreamStates.take`. */
  take(k: number, stream: number, n: number): boolean {
    const makesStep = this.states.take(k, stream, n);
    if (this.#recent) {
      this.#recent.push(stream, n);
      this.#lineup.setMissed(stream, this.#recent.of(stream), 0);
    }
    return makesStep;
  }

  /** Makes the stream take all samples that came while another model answered. */
  catchUp(stream: number): void {
    if (this.#recent) this.#lineup.catchUp(stream, this.#recent.of(stream));
  }

  /** Resets the stream. */
  reset(stream: number): void {
    this.states.memory.reset(stream);
    this.#recent?.of(stream).clear();
    this.#isAsItIs(stream);
  }

  /** Restores a stream from a snapshot. Throws `invalid-file`, with nothing changed, for one that does not fit. */
  restore(stream: number, snapshot: Uint8Array): void {
    this.states.memory.restore(stream, snapshot);
    this.#recent?.of(stream).clear();
    this.#isAsItIs(stream);
  }

  /**
   * Takes the stream, which must have taken all its samples, back by `count` steps. Throws `invalid-argument` for more
   * than are kept.
   */
  rewind(stream: number, count: number): void {
    this.states.memory.rewind(stream, count);
    this.#isAsItIs(stream);
  }

  /** Marks a stream as the most recently used, and makes it take all its samples. */
  use(stream: number, now: number): void {
    this.catchUp(stream);
    this.#changed[stream] = 1;
    this.#uses.add(stream, now);
  }

  /** Closes the least recently used stream; with a store, its snapshot is kept for `putChanged`. */
  closeOldest(store?: Store): void {
    const { stream } = this.#uses.oldest()!;
    const key = this.#keys[stream] as K;
    this.#counters?.evictions.add();
    if (store !== undefined && this.#changed[stream] === 1) {
      this.#leaving.set(key, this.#bytes(stream));
    }
    this.#close(stream);
  }

  /** Whether any stream was last used before `time`. */
  hasIdle(time: number): boolean {
    const oldest = this.#uses.oldest();
    return oldest !== undefined && oldest.time < time;
  }

  /** Closes the streams that were last used before `time`; none of them may be staged. */
  closeIdle(time: number, store?: Store): void {
    while (this.hasIdle(time)) this.closeOldest(store);
  }

  /** Keys of the streams in memory, in order of creation. */
  keys(): K[] {
    return [...this.#streams.keys()];
  }

  /** Puts the streams that were used since they were last put into the store. */
  putChanged(store: Store): void {
    for (const [key, snapshot] of this.#leaving) store.put(key as string, snapshot);
    this.#leaving.clear();
    for (const [key, stream] of this.#streams) {
      if (this.#changed[stream] === 0) continue;
      store.put(key as string, this.#bytes(stream));
      this.#changed[stream] = 0;
    }
  }

  dispose(): void {
    this.#lineup.dispose();
    this.#former?.dispose();
  }

  /** What the store keeps for a stream. */
  #bytes(stream: number): Uint8Array {
    const snapshot = this.states.memory.snapshot(stream);
    if (!this.#recent) return snapshot;
    const recent = this.#recent.of(stream);
    return formatKept(this.#recent.form.names, recent, { snapshot, missed: this.#lineup.missed(stream, recent) });
  }

  /**
   * Restores a stream from the store. If its last samples are stored too, a snapshot of another model will do, because
   * the samples can warm a new stream.
   */
  #takeBack(stream: number, bytes: Uint8Array): void {
    if (!this.#recent) {
      this.states.memory.restore(stream, bytes);
      return;
    }
    const recent = this.#recent.of(stream);
    const { snapshot, missed } = parseKept(this.#recent.form.names, recent, bytes);
    try {
      this.states.memory.restore(stream, snapshot);
      this.#lineup.setMissed(stream, recent, missed);
    } catch (error) {
      if (!(error instanceof GatecastError) || recent.kept === 0) throw error;
      this.#lineup.forget(stream);
    }
    this.catchUp(stream);
  }

  /** Notes that the answering model has taken all samples of a stream; the previous model must be warmed on them. */
  #isAsItIs(stream: number): void {
    if (!this.#recent) return;
    this.#lineup.setMissed(stream, this.#recent.of(stream), 0);
    this.#former?.forget(stream);
  }

  #close(stream: number): void {
    this.#streams.delete(this.#keys[stream] as K);
    this.#keys[stream] = undefined;
    this.#uses.delete(stream);
    this.#free.push(stream);
    this.#moves++;
  }

  #grow(room: number): void {
    this.#former?.grow(room);
    this.#lineup.grow(room);
    this.#uses.grow(room);
    const changed = this.#changed;
    this.#changed = new Uint8Array(room);
    this.#changed.set(changed);
  }
}
