import type { GatecastError } from '../base/errors.ts';
import { allocate } from '../base/memory.ts';
import { type ModelDescription, readyAfter } from './model.ts';

/** The memory of one slot of states. */
export interface SlotLayout {
  /** Numbers of a row that are the model's, after the samples taken. */
  readonly own: number;
  /** Numbers of a row that are the caller's. */
  readonly spare: number;
  /** Bytes that the model keeps outside the row; 0 when left out. */
  readonly beside?: number;
}

/**
 * What a model remembers of many streams, in numbered slots: for each a row of numbers, and for a recurrent network its
 * hidden vectors. The row begins with the samples taken, then come the model's own numbers, then the caller's. So a
 * stream is copied, compared, stored and put back as memory, whatever model and parts it has.
 *
 * A step has three parts, so that many streams share one native call: `stage` each sample, `advance` them all, `read`
 * each answer. A slot may be staged once.
 */
export abstract class ModelStates {
  readonly description: ModelDescription;
  /** Numbers in a row. */
  readonly rowSize: number;
  /** Where in a row the caller's numbers begin. */
  readonly spare: number;
  /** [capacity][rowSize]; another array after `grow`. */
  rows: Float64Array;
  /** Values of the samples staged, [capacity][inputs] in the inputs' own units: fill row k, then stage it. */
  values: Float64Array;
  readonly #beside: number;

  /** Throws `invalid-argument` for more states than there is memory for. */
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

  /** Samples a slot has taken. */
  samples(slot: number): number {
    return this.rows[slot * this.rowSize]!;
  }

  /** Whether the state of a slot has seen enough. */
  ready(slot: number): boolean {
    return this.samples(slot) >= readyAfter(this.description);
  }

  /** Whether the model can take this value of an input. */
  abstract inRange(input: number, value: number): boolean;

  /** The error for a value that it cannot take: an `invalid-sample`. */
  abstract outOfRange(input: number, value: number): GatecastError;

  /** Names the slot of row k of `values`. Throws `invalid-sample`, nothing changed, for a value out of range. */
  abstract stage(k: number, slot: number): void;

  /** Steps the slots of rows 0 to `count` - 1. */
  abstract advance(count: number): void;

  /** Writes what row k was answered, [1 + levels][targets][horizon] in the targets' own units. */
  abstract read(k: number, numbers: Float64Array): void;

  /** Steps one slot at once and writes its answer; rows that are staged stay so. */
  abstract stepNow(slot: number, values: Float64Array, numbers: Float64Array): void;

  /** The slot becomes a copy of a slot of `origin`, which is of the same model and has rows of the same size. */
  copy(slot: number, from: number, origin: this = this): void {
    const { rowSize } = this;
    this.rows.set(origin.rows.subarray(from * rowSize, (from + 1) * rowSize), slot * rowSize);
  }

  /** Back to a stream that has seen nothing; the caller's numbers are 0. */
  reset(slot: number): void {
    this.rows.fill(0, slot * this.rowSize, (slot + 1) * this.rowSize);
  }

  /** The same for the model; the caller's numbers stay. */
  restart(slot: number): void {
    this.rows.fill(0, slot * this.rowSize, slot * this.rowSize + this.spare);
  }

  /**
   * Makes room for more slots; those that are there stay as they are. Throws as the constructor does, nothing changed.
   */
  grow(capacity: number): void {
    const { rows, values } = this;
    const made = this.#allocate(capacity);
    this.rows = made.rows;
    this.rows.set(rows);
    this.values = made.values;
    this.values.set(values);
  }

  /** Values in the hidden vectors of a slot: h of all layers, then c where the cell has one; 0 without a network. */
  get vectorSize(): number {
    return 0;
  }

  /** Writes the hidden vectors of a slot into `out`. */
  readVectors(_slot: number, _out: Float32Array): void {}

  /** Bytes of a slot. */
  get byteSize(): number {
    return 8 * this.rowSize + 4 * this.vectorSize;
  }

  /** Writes all that a slot remembers: its row as 64-bit floats, then its vectors as 32-bit floats. */
  writeBytes(slot: number, bytes: Uint8Array): void {
    bytes.set(bytesOf(this.rows.subarray(slot * this.rowSize, (slot + 1) * this.rowSize)));
  }

  /** Takes over what `writeBytes` wrote. */
  readBytes(slot: number, bytes: Uint8Array): void {
    const row = new Float64Array(this.rowSize);
    bytesOf(row).set(bytes.subarray(0, row.byteLength));
    this.rows.set(row, slot * this.rowSize);
  }

  /** Frees the memory now instead of when the garbage collector comes by. */
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
