import { expected, GatecastError } from '../base/errors.ts';
import { AttachedStates } from '../network/attached-states.ts';
import type { RecurrentNetwork } from '../network/recurrent-network.ts';
import { type Description, readyAfter } from './description.ts';
import { allocate } from '../base/memory.ts';
import { MAX_SCALED_VALUE } from './parts.ts';
import type { ReadOut } from './read-out.ts';
import type { Scaler } from './scaler.ts';

/** What all states of a forecaster share. */
export interface StateModel {
  readonly description: Description;
  readonly network: RecurrentNetwork;
  readonly scaler: Scaler;
  readonly readOut: ReadOut;
}

/**
 * What a forecaster remembers of many streams, in numbered slots: for each the hidden vectors, and a row of numbers.
 * The row begins with the samples taken, then with memory 'window' the window; the rest is the caller's. So a stream is
 * copied, compared, stored and put back as memory, whatever its parts are.
 *
 * A step has three parts, so that many streams share one native call: `stage` each sample, `advance` them all, `read`
 * each answer. A slot may be staged once.
 */
export class ForecasterStates {
  readonly model: StateModel;
  /** Numbers in a row. */
  readonly rowSize: number;
  /** Where in a row the caller's numbers begin. */
  readonly spare: number;
  /** [capacity][rowSize]; another array after `grow`. */
  rows: Float64Array;
  /** Values of the samples staged, [capacity][inputs] in the inputs' own units: fill row k, then stage it. */
  values: Float64Array;
  #states: AttachedStates;
  #outputs: Float32Array;
  readonly #window: number;
  readonly #width: number;
  /** Row 0, set aside. */
  readonly #set: { values: Float64Array; input: Float32Array };

  /** `spare`: numbers of a row that are for the caller. Throws `invalid-argument` for more than there is memory for. */
  constructor(model: StateModel, capacity: number, spare = 0) {
    const { inputs, memory, lookback } = model.description;
    this.model = model;
    this.#window = memory === 'window' ? lookback : 0;
    this.spare = 1 + this.#window * inputs.length;
    this.rowSize = this.spare + spare;
    this.#width = inputs.length;
    this.#set = { values: new Float64Array(inputs.length), input: new Float32Array(inputs.length) };
    const made = this.#allocate(capacity);
    this.#states = made.states;
    this.#outputs = made.outputs;
    this.rows = made.rows;
    this.values = made.values;
  }

  get capacity(): number {
    return this.#states.slots.length;
  }

  /** Samples a slot has taken. */
  samples(slot: number): number {
    return this.rows[slot * this.rowSize]!;
  }

  /** Whether the state of a slot has seen enough. */
  ready(slot: number): boolean {
    return this.samples(slot) >= readyAfter(this.model.description);
  }

  /** Whether the network can take this value of an input. */
  inRange(input: number, value: number): boolean {
    const { mean, std } = this.model.scaler;
    return Math.abs((value - mean[input]!) / std[input]!) <= MAX_SCALED_VALUE;
  }

  outOfRange(input: number, value: number): GatecastError {
    const what = `a value within ${MAX_SCALED_VALUE} deviations of the mean`;
    return new GatecastError('invalid-sample', expected(what, this.model.description.inputs[input]!.name, value));
  }

  /**
   * Names the slot of row k, and scales the row's values for the network. Throws `invalid-sample`, nothing changed, for
   * a value absurdly far from the mean.
   */
  stage(k: number, slot: number): void {
    const { mean, std } = this.model.scaler;
    const { input, slots } = this.#states;
    const from = k * mean.length;
    slots[k] = slot;
    for (let i = 0; i < mean.length; i++) {
      input[from + i] = (this.values[from + i]! - mean[i]!) / std[i]!;
      if (!(Math.abs(input[from + i]!) <= MAX_SCALED_VALUE)) throw this.outOfRange(i, this.values[from + i]!);
    }
  }

  /** Steps the slots of rows 0 to `count` - 1. */
  advance(count: number): void {
    const { slots } = this.#states;
    if (this.#window > 0) this.#replay(count);
    else this.#states.step(count);
    for (let k = 0; k < count; k++) this.rows[slots[k]! * this.rowSize]! += 1;
  }

  /** Writes what row k was answered, [1 + levels][targets][horizon] in the targets' own units. */
  read(k: number, numbers: Float64Array): void {
    this.model.readOut(this.#outputs, this.values, k, numbers);
  }

  /** Steps one slot at once and writes its answer; rows that are staged stay so. */
  stepNow(slot: number, values: Float64Array, numbers: Float64Array): void {
    const { input, slots } = this.#states;
    const width = values.length;
    const staged = slots[0]!;
    for (let i = 0; i < width; i++) {
      this.#set.values[i] = this.values[i]!;
      this.#set.input[i] = input[i]!;
      this.values[i] = values[i]!;
    }
    this.stage(0, slot);
    this.advance(1);
    this.read(0, numbers);
    slots[0] = staged;
    for (let i = 0; i < width; i++) {
      this.values[i] = this.#set.values[i]!;
      input[i] = this.#set.input[i]!;
    }
  }

  /** The slot becomes a copy of a slot of `origin`, which has rows of the same size. */
  copy(slot: number, from: number, origin: ForecasterStates = this): void {
    const { rowSize } = this;
    this.#states.copy(slot, origin.#states, from);
    this.rows.set(origin.rows.subarray(from * rowSize, (from + 1) * rowSize), slot * rowSize);
  }

  /** Back to a stream that has seen nothing: all zero. */
  reset(slot: number): void {
    this.#states.reset(slot);
    this.rows.fill(0, slot * this.rowSize, (slot + 1) * this.rowSize);
  }

  /**
   * Makes room for more slots; those that are there stay as they are. Throws as the constructor does, nothing changed.
   */
  grow(capacity: number): void {
    const { rows, values } = this;
    const old = this.#states;
    const made = this.#allocate(capacity);
    for (let slot = 0; slot < old.slots.length; slot++) made.states.copy(slot, old, slot);
    old.dispose();
    this.#states = made.states;
    this.#outputs = made.outputs;
    this.rows = made.rows;
    this.rows.set(rows);
    this.values = made.values;
    this.values.set(values);
  }

  /** The native states, for the rooms above; others after `grow`. */
  get attached(): AttachedStates {
    return this.#states;
  }

  /** Values in the vectors of a slot: h of all layers, then for an LSTM c. */
  get vectorSize(): number {
    return this.#states.size;
  }

  /** Writes the vectors of a slot into `out`. */
  readVectors(slot: number, out: Float32Array): void {
    this.#states.readInto(slot, out);
  }

  /** Bytes of a slot. */
  get byteSize(): number {
    return 8 * this.rowSize + 4 * this.#states.size;
  }

  /** Writes all that a slot remembers: its row as 64-bit floats, then its vectors as 32-bit floats. */
  writeBytes(slot: number, bytes: Uint8Array): void {
    const row = this.rows.subarray(slot * this.rowSize, (slot + 1) * this.rowSize);
    bytes.set(bytesOf(row));
    bytes.set(bytesOf(this.#states.vectors(slot)), row.byteLength);
  }

  /** Takes over what `writeBytes` wrote. */
  readBytes(slot: number, bytes: Uint8Array): void {
    const row = new Float64Array(this.rowSize);
    const vectors = new Float32Array(this.#states.size);
    bytesOf(row).set(bytes.subarray(0, row.byteLength));
    bytesOf(vectors).set(bytes.subarray(row.byteLength, this.byteSize));
    this.#states.setVectors(slot, vectors); // throws before anything is changed
    this.rows.set(row, slot * this.rowSize);
  }

  dispose(): void {
    this.#states.dispose();
  }

  #allocate(capacity: number) {
    const { network, description } = this.model;
    const { inputSize, headSize } = description.network;
    const bytes = capacity * (8 * (this.rowSize + inputSize) + 4 * (inputSize + headSize));
    return allocate(bytes, `${capacity} states, with those kept of their history`, () => {
      const rows = new Float64Array(capacity * this.rowSize);
      const values = new Float64Array(capacity * this.#width);
      const states = new AttachedStates(network, capacity);
      const outputs = this.#window > 0 ? new Float32Array(states.output.length) : states.output;
      return { rows, values, states, outputs };
    });
  }

  /** Runs each window up to its newest sample from the zero state. */
  #replay(count: number): void {
    const states = this.#states;
    const width = this.#width;
    const inputs = states.input.slice(0, count * width);
    const slots = states.slots.slice(0, count);
    for (let k = 0; k < count; k++) {
      const slot = slots[k]!;
      const at = slot * this.rowSize;
      const samples = this.rows[at]!;
      const newest = samples % this.#window;
      this.rows.set(inputs.subarray(k * width, (k + 1) * width), at + 1 + newest * width);
      states.reset(slot);
      states.slots[0] = slot;
      const length = Math.min(samples + 1, this.#window);
      for (let s = 0; s < length; s++) {
        const place = (newest + this.#window - length + 1 + s) % this.#window;
        for (let i = 0; i < width; i++) states.input[i] = this.rows[at + 1 + place * width + i]!;
        states.step(1);
      }
      this.#outputs.set(states.output.subarray(0, states.outputSize), k * states.outputSize);
    }
    states.slots.set(slots);
  }
}

function bytesOf(view: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
