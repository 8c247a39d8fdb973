import { expected, GatecastError } from '../base/errors.ts';
import type { AttachedStates } from '../network/attached-states.ts';
import type { RecurrentNetwork } from '../network/recurrent-network.ts';
import type { Description } from './description.ts';
import { MAX_SCALED_VALUE } from './parts.ts';
import type { ReadOut } from './read-out.ts';
import { RecurrentStates } from './recurrent-states.ts';
import type { Scaler } from './scaler.ts';

/** The name under which a forecaster holds what its states share. */
export const stateModel: unique symbol = Symbol('state model');

/** What all states of a forecaster share. */
export interface StateModel {
  readonly description: Description;
  readonly network: RecurrentNetwork;
  readonly scaler: Scaler;
  readonly readOut: ReadOut;
}

/** The states of a forecaster. With memory 'window', the model's own numbers in a row are the window. */
export class ForecasterStates extends RecurrentStates {
  readonly model: StateModel;
  #outputs: Float32Array;
  readonly #window: number;
  readonly #width: number;

  /** `spare`: how many numbers of a row are the caller's. Throws `invalid-argument` if there is not enough memory. */
  constructor(model: StateModel, capacity: number, spare = 0) {
    const { inputs, memory, lookback } = model.description;
    const window = memory === 'window' ? lookback : 0;
    super(model.network, model.description, capacity, { own: window * inputs.length, spare });
    this.model = model;
    this.#window = window;
    this.#width = inputs.length;
    this.#outputs = this.#answersOf(this.attached);
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
   * Notes the slot of row k and scales the row's values for the network. Throws `invalid-sample` for a value absurdly
   * far from the mean; nothing has changed then.
   */
  stage(k: number, slot: number): void {
    const { mean, std } = this.model.scaler;
    const { input, slots } = this.attached;
    const from = k * mean.length;
    slots[k] = slot;
    for (let i = 0; i < mean.length; i++) {
      input[from + i] = (this.values[from + i]! - mean[i]!) / std[i]!;
      if (!(Math.abs(input[from + i]!) <= MAX_SCALED_VALUE)) throw this.outOfRange(i, this.values[from + i]!);
    }
  }

  advance(count: number): void {
    const { slots } = this.attached;
    if (this.#window > 0) this.#replay(count);
    else this.attached.step(count);
    for (let k = 0; k < count; k++) this.rows[slots[k]! * this.rowSize]! += 1;
  }

  read(k: number, numbers: Float64Array): void {
    this.model.readOut(this.#outputs, this.values, k, numbers);
  }

  override grow(capacity: number): void {
    super.grow(capacity);
    this.#outputs = this.#answersOf(this.attached);
  }

  /** The outputs of a batch. For a window, the steps before the last have outputs too. */
  #answersOf({ output }: AttachedStates): Float32Array {
    return this.#window > 0 ? new Float32Array(output.length) : output;
  }

  /** Runs each window up to its newest sample from the zero state. */
  #replay(count: number): void {
    const states = this.attached;
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
