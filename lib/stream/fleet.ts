import type { Forecaster } from '../model/forecaster.ts';
import type { Store } from '../stores/store.ts';
import type { StreamMetrics } from './metrics.ts';
import { StreamCounters } from './stream-counters.ts';
import type { StreamOptions } from './stream-options.ts';
import { StreamStates } from './stream-states.ts';
import { UseLog } from './use-log.ts';

/** Streams there is room for at first; the room doubles up to the limit. */
const FIRST_ROOM = 16;

/**
 * Streams by key, the least recently used of which gives way when there are too many. All states lie in one slab; beyond
 * it a stream costs its entry in a Map and 29 bytes.
 */
export class Fleet<K> {
  readonly states: StreamStates;
  readonly #most: number;
  readonly #counters: StreamCounters | undefined;
  readonly #streams = new Map<K, number>();
  #keys: (K | undefined)[] = [];
  /** Numbers without a key. */
  readonly #free: number[] = [];
  readonly #uses: UseLog;
  /** Whether a stream was used since it was last put into a store. */
  #changed: Uint8Array;
  /** Closed streams that go to the store with the others: what it holds are all streams at one moment. */
  readonly #leaving = new Map<K, Uint8Array>();
  #moves = 0;

  constructor(model: Forecaster, options: StreamOptions, most: number, metrics?: StreamMetrics) {
    this.#most = most;
    this.#counters = metrics && new StreamCounters(metrics);
    const room = Math.min(FIRST_ROOM, most);
    this.states = new StreamStates(model, options, room, this.#counters);
    this.#uses = new UseLog(room);
    this.#changed = new Uint8Array(room);
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Whether a stream can be opened without growing or giving one up, for neither of which anything may be staged. */
  get hasRoom(): boolean {
    return this.#free.length > 0 || this.#keys.length < this.states.memory.capacity;
  }

  /** Grows when a stream is opened or closed: what was found before may be found no longer. */
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

  /** The snapshot of a stream that was closed. Throws `invalid-argument` for a key that a store cannot have. */
  kept(key: K, store?: Store): Uint8Array | undefined {
    return this.#leaving.get(key) ?? store?.get(key as string);
  }

  /** A stream used now: new, or as it is kept in the store; the one not used for longest gives way where there is no room. */
  open(key: K, now: number, store?: Store): number {
    const kept = this.kept(key, store);
    const stream = this.begin(key, now, store);
    if (kept === undefined) return stream;
    try {
      this.states.memory.restore(stream, kept);
      this.#counters?.restores.add();
    } catch (error) {
      this.#close(stream);
      throw error;
    }
    return stream;
  }

  /** The same, new in any case. */
  begin(key: K, now: number, store?: Store): number {
    if (this.isFull) this.closeOldest(store);
    let stream = this.#free.pop();
    if (stream === undefined) {
      stream = this.#keys.length;
      if (stream === this.states.memory.capacity) this.#grow(Math.min(2 * stream, this.#most));
    }
    this.states.memory.reset(stream);
    this.#leaving.delete(key);
    this.#keys[stream] = key;
    this.#streams.set(key, stream);
    this.use(stream, now);
    this.#moves++;
    return stream;
  }

  /** Marks a stream as the one used last. */
  use(stream: number, now: number): void {
    this.#changed[stream] = 1;
    this.#uses.add(stream, now);
  }

  /** Forgets the stream that was not used for longest, or with a store keeps it for `putChanged`. */
  closeOldest(store?: Store): void {
    const { stream } = this.#uses.oldest()!;
    const key = this.#keys[stream] as K;
    this.#counters?.evictions.add();
    if (store !== undefined && this.#changed[stream] === 1) {
      this.#leaving.set(key, this.states.memory.snapshot(stream));
    }
    this.#close(stream);
  }

  /** Closes the streams that were last used before `time`. */
  closeIdle(time: number, store?: Store): void {
    for (let oldest = this.#uses.oldest(); oldest && oldest.time < time; oldest = this.#uses.oldest()) {
      this.closeOldest(store);
    }
  }

  /** Puts the streams that were used since they were last put. */
  putChanged(store: Store): void {
    for (const [key, snapshot] of this.#leaving) store.put(key as string, snapshot);
    this.#leaving.clear();
    for (const [key, stream] of this.#streams) {
      if (this.#changed[stream] === 0) continue;
      store.put(key as string, this.states.memory.snapshot(stream));
      this.#changed[stream] = 0;
    }
  }

  dispose(): void {
    this.states.memory.dispose();
  }

  #close(stream: number): void {
    this.#streams.delete(this.#keys[stream] as K);
    this.#keys[stream] = undefined;
    this.#uses.delete(stream);
    this.#free.push(stream);
    this.#moves++;
  }

  #grow(room: number): void {
    this.states.grow(room);
    this.#uses.grow(room);
    const changed = this.#changed;
    this.#changed = new Uint8Array(room);
    this.#changed.set(changed);
  }
}
