import { whole } from '../../base/schema.ts';
import type { RingPart } from '../part.ts';

const COUNT = 0; // samples held
const NEWEST = 1; // position of the newest in the ring

const checkWidth = whole(1, 65_536);
const checkCapacity = whole(1, 2 ** 24);
const checkHistory = whole(0, 2 ** 24);

/**
 * The last samples of a stream, one per step, so that they can be replayed when an older one comes late.
 *
 * A sample is a time [ms], NaN for none, and `width` values, NaN for missing ones. `back` counts steps back from the
 * newest, which is 0. A step without a sample has its place in the log, and no values until one comes late.
 */
export class SampleLog implements RingPart {
  readonly size = 2;
  readonly ringSize: number;
  readonly stride: number;
  readonly capacity: number;
  readonly #width: number;
  /** Number of places in the ring. */
  readonly #places: number;

  /**
   * Holds the last `capacity` samples of `width` values, also for the rows of up to `history` steps ago. Throws
   * `invalid-argument` unless `width` and `capacity` are whole numbers >= 1 and `history` is one >= 0.
   */
  constructor(width: number, capacity: number, history = 0) {
    this.#width = checkWidth(width, 'width');
    this.capacity = checkCapacity(capacity, 'capacity');
    this.stride = 1 + width;
    this.#places = capacity + checkHistory(history, 'history');
    this.ringSize = this.#places * this.stride;
  }

  reset(): void {}

  clearForComparison(row: Float64Array, at: number): void {
    row[at + NEWEST] = 0;
  }

  /** Samples held, including those without values: 0 to `capacity`. */
  count(row: Float64Array, at: number): number {
    return row[at + COUNT]!;
  }

  place(row: Float64Array, at: number, back: number): number {
    const place = row[at + NEWEST]! - back;
    return (place < 0 ? place + this.#places : place) * this.stride;
  }

  /** Begins a step with this sample; without `values`, the step has none. A full log drops its oldest sample. */
  push(
    row: Float64Array,
    at: number,
    ring: Float64Array,
    ringAt: number,
    time: number,
    values?: ArrayLike<number>,
  ): void {
    row[at + NEWEST] = (row[at + NEWEST]! + 1) % this.#places;
    row[at + COUNT] = Math.min(row[at + COUNT]! + 1, this.capacity);
    this.#write(ring, ringAt + this.place(row, at, 0), time, values);
  }

  /**
   * Puts a sample into the step that is `back` before the newest, replacing what was there. A step older than all
   * extends the log. Returns false, and changes nothing, for a step that the log cannot hold.
   */
  put(
    row: Float64Array,
    at: number,
    ring: Float64Array,
    ringAt: number,
    back: number,
    time: number,
    values: ArrayLike<number>,
  ): boolean {
    if (back >= this.capacity) return false;
    for (let i = row[at + COUNT]!; i < back; i++) this.#write(ring, ringAt + this.place(row, at, i), Number.NaN);
    row[at + COUNT] = Math.max(row[at + COUNT]!, back + 1);
    this.#write(ring, ringAt + this.place(row, at, back), time, values);
    return true;
  }

  /**
   * Writes the values of the step that is `back` before the newest, less than `count`, into `out`; returns its time.
   */
  read(row: Float64Array, at: number, ring: Float64Array, ringAt: number, back: number, out: Float64Array): number {
    const start = ringAt + this.place(row, at, back);
    for (let i = 0; i < this.#width; i++) out[i] = ring[start + 1 + i]!;
    return ring[start]!;
  }

  #write(ring: Float64Array, start: number, time: number, values?: ArrayLike<number>): void {
    ring[start] = time;
    for (let i = 0; i < this.#width; i++) ring[start + 1 + i] = values ? values[i]! : Number.NaN;
  }
}
