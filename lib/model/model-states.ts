import type { GatecastError } from '../base/errors.ts';
import { allocate } from '../base/memory.ts';
import { type ModelDescription, readyAfter } from './model.ts';

/** The memory of one slot of states. */
export interface SlotLayout {
  /** How many numbers of a row are the model's, after the count of samples. */
  readonly own: number;
  /** How many numbers of a row are the caller's. */
  readonly spare: number;
  /** Bytes that the model keeps for a slot outside its row; default 0. */
  readonly beside?: number;
}

/**
 * What a model remembers of many streams, in numbered slots. Each slot has a row of numbers and, for a recurrent
 * network, its hidden vectors. The row begins with the count of samples taken; then come the model's own numbers, then
 * the caller's. A stream can therefore be copied, compared, stored and restored as plain memory, whatever model and
 * parts it has.
 *
 * A step has three parts, so that many streams share one native call: `stage` each sample, `advance` all slots, `read`
 * each answer. A slot may be staged once per step.
 */
export abstract class ModelStates {
  readonly description: ModelDescription;
  /** How many numbers a row has. */
  readonly rowSize: number;
  /** The index in a row where the caller's numbers begin. */
  readonly spare: number;
  /** The rows, [capacity][rowSize]. `grow` replaces the array. */
  rows: Float64Array;
  /**
   * Values of the samples staged, [capacity][inputs] in the inputs' own units, `wordNumber` for a word, NaN for a
   * missing one: fill row k, then stage it.
   */
  values: Float64Array;
  readonly #beside: number;

  /** Throws `invalid-argument` if there is not enough memory for so many states. */
  constructor(description: ModelDescription, capacity: number, { own, spare, beside = 0 }: SlotLayout) {
    this.description = description;
    this.spare = 1 + own;
    this.rowSize = this.spare + spare;
    this.#beside = beside;
    const made = this.#allocate(capacity);
    this.rows = made.rows;
    this.values = made.values;
  }

  get capacity(): number {
    return this.rows.length / this.rowSize;
  }

  /** How many samples a slot has taken. */
  samples(slot: number): number {
    return this.rows[slot * this.rowSize]!;
  }

  /** Whether a slot has taken the samples that the model needs. */
  ready(slot: number): boolean {
    return this.samples(slot) >= readyAfter(this.description);
  }

  /** The next value of an input as the network would see it; NaN for a model without a scaler. */
  scaled(_slot: number, _input: number, _value: number): number {
    return Number.NaN;
  }

  /** The present deviation of an input on the scale of a slot, in its own unit; NaN for a model without a scaler. */
  deviation(_slot: number, _input: number): number {
    return Number.NaN;
  }

  /** Whether the model can take this value of an input. */
  abstract inRange(input: number, value: number): boolean;

  /** The `invalid-sample` for a value that the model cannot take. */
  abstract outOfRange(input: number, value: number): GatecastError;

  /**
   * Throws `invalid-sample` for a time of a sample [ms] that the model cannot take. NaN, for a sample without a time,
   * is one only if the model reads times.
   */
  checkTime(_at: number): void {}

  /**
   * Notes the slot of row k of `values`, and reads its time `at` [ms]. A step without a sample has NaN, which means an
   * interval after the step before; a model that reads no times takes any. Throws `invalid-sample` for a value or a
   * time out of range; nothing has changed then.
   */
  abstract stage(k: number, slot: number, at: number): void;

  /** Steps the slots of rows 0 to `count` - 1. */
  abstract advance(count: number): void;

  /** Writes the answer to row k, [1 + levels][targets][horizon] in the targets' own units. */
  abstract read(k: number, numbers: Float64Array): void;

  /**
   * Steps one slot at once, at a time as in `stage`, and writes its answer; without `numbers` nobody asks for that, and
   * what it would cost is spared. Staged rows stay staged.
   */
  abstract stepNow(slot: number, at: number, values: Float64Array, numbers?: Float64Array): void;

  /** Makes the slot a copy of slot `from` of `origin`, which has the same model and rows of the same size. */
  copy(slot: number, from: number, origin: this = this): void {
    const { rowSize } = this;
    this.rows.set(origin.rows.subarray(from * rowSize, (from + 1) * rowSize), slot * rowSize);
  }

  /** Resets the slot to a stream that has taken no sample. The caller's numbers become 0. */
  reset(slot: number): void {
    this.rows.fill(0, slot * this.rowSize, (slot + 1) * this.rowSize);
  }

  /** Resets the model's part of the slot. The caller's numbers stay. */
  restart(slot: number): void {
    this.rows.fill(0, slot * this.rowSize, slot * this.rowSize + this.spare);
  }

  /**
   * Makes room for more slots; the existing ones stay as they are. Throws as the constructor does; nothing has changed
   * then.
   */
  grow(capacity: number): void {
    const { rows, values } = this;
    const made = this.#allocate(capacity);
    this.rows = made.rows;
    this.rows.set(rows);
    this.values = made.values;
    this.values.set(values);
  }

  /**
   * How many values the hidden vectors of a slot have: h of all layers, then c if the cell has one, of one stream of
   * the network after the other; 0 without a network.
   */
  get vectorSize(): number {
    return 0;
  }

  /** Writes the hidden vectors of a slot into `out`. */
  readVectors(_slot: number, _out: Float32Array): void {}

  /** The size of a slot in bytes. */
  get byteSize(): number {
    return 8 * this.rowSize + 4 * this.vectorSize;
  }

  /** Writes the whole slot: its row as 64-bit floats, then its vectors as 32-bit floats. */
  writeBytes(slot: number, bytes: Uint8Array): void {
    bytes.set(bytesOf(this.rows.subarray(slot * this.rowSize, (slot + 1) * this.rowSize)));
  }

  /** Restores the slot from the bytes that `writeBytes` wrote. */
  readBytes(slot: number, bytes: Uint8Array): void {
    const row = new Float64Array(this.rowSize);
    bytesOf(row).set(bytes.subarray(0, row.byteLength));
    this.rows.set(row, slot * this.rowSize);
  }

  /** Frees the memory now, not when the garbage collector runs. */
  dispose(): void {}

  #allocate(capacity: number): { rows: Float64Array; values: Float64Array } {
    const inputs = this.description.inputs.length;
    const bytes = capacity * (8 * (this.rowSize + inputs) + this.#beside);
    return allocateStates(capacity, bytes, () => ({
      rows: new Float64Array(capacity * this.rowSize),
      values: new Float64Array(capacity * inputs),
    }));
  }
}

/** Returns what `make` returns. Throws `invalid-argument` if there is not enough memory for `bytes`. */
export function allocateStates<T>(capacity: number, bytes: number, make: () => T): T {
  return allocate(bytes, `${capacity} states, with those kept of their history`, make);
}

export function bytesOf(view: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
