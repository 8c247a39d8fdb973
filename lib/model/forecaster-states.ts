import { expected, GatecastError } from '../base/errors.ts';
import type { RecurrentNetwork } from '../network/recurrent-network.ts';
import type { Description } from './description.ts';
import { readsTimes } from './model.ts';
import type { Encoder } from './inputs/encoder.ts';
import { MAX_SCALED_VALUE } from './magnitudes.ts';
import type { PathSampler } from './path-sampler.ts';
import type { ReadOut } from './read-out.ts';
import { RecurrentStates } from './recurrent-states.ts';
import { checkSampleTime, timeOfStep } from './sample-time.ts';
import type { Scaler } from './scaler.ts';

/** The name under which a forecaster holds what its states share. */
export const stateModel: unique symbol = Symbol('state model');

/** What all states of a forecaster share. */
export interface StateModel {
  readonly description: Description;
  readonly encoder: Encoder;
  readonly network: RecurrentNetwork;
  readonly scaler: Scaler;
  readonly readOut: ReadOut;
  /** Draws the forecasts; undefined for a network that gives them at once. */
  readonly sampler: PathSampler | undefined;
}

/** How many values of windows are given to the native states at once. */
const WINDOW_VALUES = 2 ** 20;

/** Where the time of the newest step [ms] is in a row, if the model reads times. */
const TIME = 1;

/**
 * The states of a forecaster. The model's own numbers in a row are the time of the newest step, if it reads
 * times, then its scale and its lags, then the window, and then the hash of the samples taken, if it has those.
 */
export class ForecasterStates extends RecurrentStates {
  readonly model: StateModel;
  /** The samples that a forecast is made of; 0 if the state is carried. */
  readonly #window: number;
  /** The windows of a native call. */
  #windows = new Float32Array();
  /** Where the stream's memory of the encoder begins in a row. */
  readonly #memoryAt: number;
  /** Where the window begins in a row. */
  readonly #windowAt: number;
  /** Where the hash of the samples is in a row. */
  readonly #hashAt: number;
  /** What a sample becomes: the inputs of all streams of the network. */
  readonly #width: number;
  readonly #timed: boolean;
  readonly #plain: boolean;

  /** `spare`: how many numbers of a row are the caller's. Throws `invalid-argument` if there is not enough memory. */
  constructor(model: StateModel, capacity: number, spare = 0) {
    const { memory, lookback } = model.description;
    const { size, memory: remembered, plain } = model.encoder;
    const window = memory === 'window' ? lookback : 0;
    const times = readsTimes(model.description) ? 1 : 0;
    const own = times + remembered + window * size + (model.sampler ? 1 : 0);
    super(model.network, model.description, capacity, { own, spare });
    this.model = model;
    this.#window = window;
    this.#memoryAt = 1 + times;
    this.#windowAt = this.#memoryAt + remembered;
    this.#hashAt = own;
    this.#width = size;
    this.#timed = times > 0;
    this.#plain = plain;
  }

  inRange(input: number, value: number): boolean {
    return this.model.encoder.takes(input, value);
  }

  outOfRange(input: number, value: number): GatecastError {
    const what = `a value within ${MAX_SCALED_VALUE} deviations of the mean`;
    return new GatecastError('invalid-sample', expected(what, this.description.inputs[input]!.name, value));
  }

  override checkTime(at: number): void {
    if (this.#timed) checkSampleTime(at);
  }

  /**
   * Notes the slot of row k and makes the network's inputs from the row's values and the time. Throws `invalid-sample`
   * for a value absurdly far from the mean and for a time that a calendar cannot have; nothing has changed then.
   */
  stage(k: number, slot: number, at: number): void {
    if (!this.#plain) {
      this.#encode(k, slot, at);
      return;
    }
    const { mean, std } = this.model.scaler;
    const { input } = this.attached;
    const from = k * mean.length;
    this.assign(k, slot);
    for (let i = 0; i < mean.length; i++) {
      input[from + i] = (this.values[from + i]! - mean[i]!) / std[i]!;
      if (!(Math.abs(input[from + i]!) <= MAX_SCALED_VALUE)) throw this.outOfRange(i, this.values[from + i]!);
    }
  }

  advance(count: number): void {
    if (this.model.encoder.memory > 0) {
      const inputs = this.description.inputs.length;
      for (let k = 0; k < count; k++) {
        const slot = this.slotOf(k);
        this.model.encoder.take(this.values, k * inputs, this.#timeOf(slot), this.rows, this.#memoryOf(slot));
      }
    }
    this.#hash(count);
    if (this.#window === 0) this.attached.step(count * this.streams);
    else this.#runWindows(count);
    for (let k = 0; k < count; k++) this.rows[this.slotOf(k) * this.rowSize]! += 1;
  }

  read(k: number, numbers: Float64Array): void {
    const slot = this.slotOf(k);
    const time = this.#timeOf(slot);
    const memoryAt = this.#memoryOf(slot);
    const { sampler } = this.model;
    if (!sampler) {
      this.model.readOut(this.attached.output, this.values, k, numbers, time, this.rows, memoryAt);
      return;
    }
    const { attached: states, values, rows } = this;
    const hash = rows[slot * this.rowSize + this.#hashAt]!;
    sampler.draw({ states, slot, k, outputs: states.output, values, time, rows, memoryAt, hash }, numbers);
  }

  override deviation(slot: number, input: number): number {
    const { encoder, scaler } = this.model;
    return encoder.scale?.deviation(this.rows, this.#memoryOf(slot), input) ?? scaler.std[input]!;
  }

  override scaled(slot: number, input: number, value: number): number {
    const { encoder, scaler } = this.model;
    const { scale, cycle } = encoder;
    const next = this.#timeOf(slot) + (this.description.interval ?? 0);
    const rest = cycle && this.samples(slot) > 0 ? value - cycle.ofInput(input, next) : value;
    if (scale) return scale.scaled(this.rows, this.#memoryOf(slot), input, rest);
    return (rest - scaler.mean[input]!) / scaler.std[input]!;
  }

  #encode(k: number, slot: number, at: number): void {
    const { encoder, description } = this.model;
    const count = description.inputs.length;
    const from = k * count;
    for (let i = 0; i < count; i++) {
      const value = this.values[from + i]!;
      if (!encoder.takes(i, value)) throw this.outOfRange(i, value);
    }
    let time = at;
    if (this.#timed) {
      const row = slot * this.rowSize;
      time = timeOfStep(at, this.samples(slot) > 0 ? this.rows[row + TIME] : undefined, description.interval);
      this.rows[row + TIME] = time;
    }
    const own = this.#memoryOf(slot);
    encoder.write(this.values, from, time, this.attached.input, k * encoder.size, this.rows, own);
    this.assign(k, slot);
  }

  /** Adds the samples of a step to the hashes of their streams, of which paths are drawn. */
  #hash(count: number): void {
    const { sampler } = this.model;
    if (!sampler) return;
    const inputs = this.description.inputs.length;
    for (let k = 0; k < count; k++) {
      const at = this.slotOf(k) * this.rowSize + this.#hashAt;
      this.rows[at] = sampler.hashSample(this.rows[at]!, this.values, k * inputs);
    }
  }

  /** The time of the newest step; any number if the model reads no times. */
  #timeOf(slot: number): number {
    return this.rows[slot * this.rowSize + TIME]!;
  }

  #memoryOf(slot: number): number {
    return slot * this.rowSize + this.#memoryAt;
  }

  /** Runs each window up to its newest sample, some of them in each native call. */
  #runWindows(count: number): void {
    const { attached, streams } = this;
    const width = this.#width;
    const size = width / streams; // of a sample of one stream
    const most = Math.max(1, Math.floor(WINDOW_VALUES / (this.#window * width)));
    const values = Math.min(count, most) * this.#window * width;
    if (this.#windows.length < values) this.#windows = new Float32Array(values);
    const windows = this.#windows;
    for (let from = 0; from < count; from += most) {
      const lengths = new Int32Array(Math.min(most, count - from) * streams);
      let end = 0;
      for (let k = 0; k * streams < lengths.length; k++) {
        const slot = this.slotOf(from + k);
        const at = slot * this.rowSize + this.#windowAt;
        const inputs = attached.input.subarray((from + k) * width, (from + k + 1) * width);
        const { length, oldest } = this.#slide(slot, inputs);
        lengths.fill(length, k * streams, (k + 1) * streams);
        for (let stream = 0; stream < streams; stream++) {
          for (let s = 0; s < length; s++) {
            const sample = at + ((oldest + s) % this.#window) * width + stream * size;
            for (let i = 0; i < size; i++) windows[end++] = this.rows[sample + i]!;
          }
        }
      }
      attached.runWindows(from * streams, lengths, windows.subarray(0, end));
    }
  }

  /** Takes the newest inputs into a window. Returns how many samples it has, and the place of the oldest one. */
  #slide(slot: number, inputs: Float32Array): { length: number; oldest: number } {
    const samples = this.samples(slot);
    const newest = samples % this.#window;
    this.rows.set(inputs, slot * this.rowSize + this.#windowAt + newest * this.#width);
    const length = Math.min(samples + 1, this.#window);
    return { length, oldest: (newest + this.#window - length + 1) % this.#window };
  }
}
