import { expected, GatecastError } from '../base/errors.ts';
import { AttachedStates } from '../network/attached-states.ts';
import type { RecurrentNetwork } from '../network/recurrent-network.ts';
import type { Description } from './description.ts';
import { allocateStates, bytesOf, ModelStates } from './model-states.ts';
import { MAX_SCALED_VALUE } from './parts.ts';
import type { ReadOut } from './read-out.ts';
import type { Scaler } from './scaler.ts';

/** The name by which what its states share is reached in a forecaster. */
export const stateModel: unique symbol = Symbol('state model');

/** What all states of a forecaster share. */
export interface StateModel {
  readonly description: Description;
  readonly network: RecurrentNetwork;
  readonly scaler: Scaler;
  readonly readOut: ReadOut;
}

/** The states of a forecaster: its hidden vectors are native, and its own numbers are, with memory 'window', the window. */
export class ForecasterStates extends ModelStates {
  readonly model: StateModel;
  #states: AttachedStates;
  #outputs: Float32Array;
  readonly #window: number;
  readonly #width: number;
  /** Row 0, set aside. */
  readonly #set: { values: Float64Array; input: Float32Array };

  /** `spare`: numbers of a row that are for the caller. Throws `invalid-argument` for more than there is memory for. */
  constructor(model: StateModel, capacity: number, spare = 0) {
    const { inputs, memory, lookback, network } = model.description;
    const window = memory === 'window' ? lookback : 0;
    const beside = 4 * (network.inputSize + network.headSize);
    super(model.description, capacity, { own: window * inputs.length, spare, beside });
    this.model = model;
    this.#window = window;
    this.#width = inputs.length;
    this.#set = { values: new Float64Array(inputs.length), input: new Float32Array(inputs.length) };
    this.#states = this.#attach(capacity);
    this.#outputs = this.#answersOf(this.#states);
  }

  inRange(input: number, value: number): boolean {
    const { mean, std } = this.model.scaler;
    return Math.abs((value - mean[input]!) / std[input]!) <= MAX_SCALED_VALUE;
  }

  outOfRange(input: number, value: number): GatecastError {
    const what = `a value within ${MAX_SCALED_VALUE} deviations of the mean`;
    return new GatecastError('invalid-sample', expected(what, this.description.inputs[input]!.name, value));
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

  advance(count: number): void {
    const { slots } = this.#states;
    if (this.#window > 0) this.#replay(count);
    else this.#states.step(count);
    for (let k = 0; k < count; k++) this.rows[slots[k]! * this.rowSize]! += 1;
  }

  read(k: number, numbers: Float64Array): void {
    this.model.readOut(this.#outputs, this.values, k, numbers);
  }

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

  override copy(slot: number, from: number, origin: this = this): void {
    this.#states.copy(slot, origin.#states, from);
    super.copy(slot, from, origin);
  }

  override reset(slot: number): void {
    this.#states.reset(slot);
    super.reset(slot);
  }

  override grow(capacity: number): void {
    const old = this.#states;
    const made = this.#attach(capacity);
    try {
      super.grow(capacity);
    } catch (error) {
      made.dispose();
      throw error;
    }
    for (let slot = 0; slot < old.slots.length; slot++) made.copy(slot, old, slot);
    old.dispose();
    this.#states = made;
    this.#outputs = this.#answersOf(made);
  }

  /** The native states; others after `grow`. */
  get attached(): AttachedStates {
    return this.#states;
  }

  override get vectorSize(): number {
    return this.#states.size;
  }

  override readVectors(slot: number, out: Float32Array): void {
    this.#states.readInto(slot, out);
  }

  override writeBytes(slot: number, bytes: Uint8Array): void {
    super.writeBytes(slot, bytes);
    bytes.set(bytesOf(this.#states.vectors(slot)), 8 * this.rowSize);
  }

  override readBytes(slot: number, bytes: Uint8Array): void {
    const vectors = new Float32Array(this.#states.size);
    bytesOf(vectors).set(bytes.subarray(8 * this.rowSize, this.byteSize));
    this.#states.setVectors(slot, vectors); // throws before anything is changed
    super.readBytes(slot, bytes);
  }

  override dispose(): void {
    this.#states.dispose();
  }

  #attach(capacity: number): AttachedStates {
    const { network } = this.model;
    return allocateStates(capacity, 0, () => new AttachedStates(network, capacity));
  }

  /** Where the answers of a batch stand: a window's steps before the last have answers too. */
  #answersOf({ output }: AttachedStates): Float32Array {
    return this.#window > 0 ? new Float32Array(output.length) : output;
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
