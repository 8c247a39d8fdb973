import { types } from 'node:util';
import { expected, GatecastError, misfit } from '../../base/errors.ts';
import { reading } from '../../base/values.ts';
import { allocate } from '../../base/memory.ts';
import { isList, object, whole } from '../../base/schema.ts';
import type { Observation } from '../observation.ts';
import { numberOf } from '../number-of.ts';
import { fromSteady, toSteady } from '../steady-time.ts';

export interface SharedRingOptions {
  /** Values per row, 1 to 16,384. */
  width: number;
  /** How many rows it holds, 1 to 2^20, rounded up to a power of two; 64 by default. */
  capacity?: number;
}

const MAGIC = 0x474e4952; // "RING"
/** Positions of the words that change. */
const CLAIMS = 3;
const HEAD = 16;
const LOST = 17;
const TAIL = 32;
const HEADER_BYTES = 192;
const MOST_ROWS = 2 ** 20;
const MOST_VALUES = 2 ** 14;
/** Bit that marks a loop that writes to the ring; see native/core/control/ring.h. */
const GIVEN = 2;
/** Failed attempts in a row that cannot happen by chance: the other side is broken or malicious. */
const ATTEMPTS = 100;

const check = object<SharedRingOptions>({ width: whole(1, MOST_VALUES), capacity: whole(1, MOST_ROWS) }, ['capacity']);

/**
 * Rows of numbers, each with a time, that one thread passes to another through shared memory: observations on their way
 * to a `nativeLoop`, and actions on their way from it. One side pushes, one side takes; neither ever waits. If the ring
 * is full, the oldest row makes room and is counted as `lost`; a row that is taken is never torn.
 *
 * ```ts
 * const observations = new SharedRing({ width: 2 });
 * new Worker('./sensor.js', { workerData: observations.buffer });
 * // there: new SharedRing(workerData).push({ at, values })
 * ```
 *
 * Other programs can write to the memory too: native/core/control/ring.h describes it.
 */
export class SharedRing {
  /** The memory, from which another thread makes its side. */
  readonly buffer: SharedArrayBuffer;
  readonly width: number;
  readonly capacity: number;
  readonly #words: Int32Array;
  readonly #rows: Float64Array;
  /** Scratch: the row being passed. */
  readonly #row: Float64Array;

  /**
   * A new ring, or this thread's side of one whose `buffer` is given. Throws `invalid-argument` for wrong options and
   * for a buffer that is not a ring's.
   */
  constructor(from: SharedRingOptions | SharedArrayBuffer) {
    const { width, capacity, buffer } = types.isSharedArrayBuffer(from) ? found(from) : made(from);
    this.width = width;
    this.capacity = capacity;
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    this.#rows = new Float64Array(buffer, HEADER_BYTES, capacity * (1 + width));
    this.#row = new Float64Array(1 + width);
  }

  /** How many rows were overwritten before anybody took them. */
  get lost(): number {
    return Atomics.load(this.#words, LOST) >>> 0;
  }

  /**
   * Writes a row. A value that is not a number counts as NaN, which a loop reports like other unusable observations.
   * Throws `invalid-argument` for a value that is not an observation, `invalid-shape` unless it has `width` values, and
   * `busy` while a loop writes its actions to the ring; nothing is written then.
   */
  push(row: Observation): void {
    if (typeof row !== 'object' || row === null) {
      throw misfit('{ at, values }', 'the row', row);
    }
    if ((Atomics.load(this.#words, CLAIMS) & GIVEN) !== 0) {
      throw new GatecastError('busy', 'Expected a ring that no native loop writes its actions to.');
    }
    reading('the row', () => this.#write(row));

    const head = Atomics.load(this.#words, HEAD);
    let tail = Atomics.load(this.#words, TAIL);
    // The side that takes rows moves the tail too; then there is room.
    while ((head - tail) >>> 0 >= this.capacity) {
      const seen = Atomics.compareExchange(this.#words, TAIL, tail, head - this.capacity + 1);
      if (seen === tail) {
        Atomics.add(this.#words, LOST, 1);
        break;
      }
      tail = seen;
    }
    this.#rows.set(this.#row, this.#place(head));
    Atomics.store(this.#words, HEAD, head + 1);
  }

  /** Takes the oldest row; undefined if there is none. */
  take(): Observation<Float64Array> | undefined {
    return this.#take((tail) => tail);
  }

  /** Takes the newest row and drops those before it, which do not count as lost; undefined if there is none. */
  takeNewest(): Observation<Float64Array> | undefined {
    return this.#take((_, head) => head - 1);
  }

  /** Writes a row into the ring. */
  #write({ at, values }: Observation): void {
    if (!isList(values) || values.length !== this.width) {
      throw new GatecastError('invalid-shape', expected(`a list of ${this.width}`, 'the values', values));
    }
    this.#row[0] = toSteady(numberOf(at));
    for (let i = 0; i < this.width; i++) this.#row[1 + i] = numberOf(values[i]);
  }

  #take(choose: (tail: number, head: number) => number): Observation<Float64Array> | undefined {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const tail = Atomics.load(this.#words, TAIL);
      const head = Atomics.load(this.#words, HEAD);
      if (tail === head) return undefined;
      const chosen = choose(tail, head);
      const from = this.#place(chosen);
      this.#row.set(this.#rows.subarray(from, from + this.#row.length));
      // If the tail has moved, the oldest row was given up, and this one may have been overwritten.
      if (Atomics.compareExchange(this.#words, TAIL, tail, chosen + 1) === tail) {
        return { at: fromSteady(this.#row[0]!), values: this.#row.slice(1) };
      }
    }
    return undefined;
  }

  #place(number: number): number {
    return (number & (this.capacity - 1)) * (1 + this.width);
  }
}

interface Memory {
  readonly width: number;
  readonly capacity: number;
  readonly buffer: SharedArrayBuffer;
}

function made(options: SharedRingOptions): Memory {
  const { width, capacity: wanted = 64 } = check(options, 'options');
  const capacity = 2 ** Math.ceil(Math.log2(wanted));
  const bytes = bytesOf(width, capacity);
  const buffer = allocate(bytes, `a ring of ${capacity} rows`, () => new SharedArrayBuffer(bytes));
  const words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
  words.set([MAGIC, width, capacity]);
  return { width, capacity, buffer };
}

function found(buffer: SharedArrayBuffer): Memory {
  const words = buffer.byteLength < HEADER_BYTES ? [] : new Int32Array(buffer, 0, HEADER_BYTES / 4);
  const [magic, width = 0, capacity = 0] = words;
  const whole = width > 0 && width <= MOST_VALUES && capacity > 0 && capacity <= MOST_ROWS;
  const isPower = (capacity & (capacity - 1)) === 0;
  if (magic === MAGIC && whole && isPower && buffer.byteLength >= bytesOf(width, capacity)) {
    return { width, capacity, buffer };
  }
  throw misfit('the buffer of a ring', 'from', buffer);
}

function bytesOf(width: number, capacity: number): number {
  return HEADER_BYTES + 8 * capacity * (1 + width);
}
