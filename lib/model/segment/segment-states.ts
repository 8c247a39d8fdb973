import { expected, GatecastError } from '../../base/errors.ts';
import type { SegmentArrays, SegmentNetwork } from '../../network/segment-network.ts';
import { windowOf } from '../../network/segment-spec.ts';
import { type Bounding, bounding } from '../bounds.ts';
import type { ReadTarget } from '../heads/head.ts';
import { headOf } from '../heads/heads.ts';
import { MAX_SCALED_VALUE } from '../magnitudes.ts';
import { allocateStates, ModelStates } from '../model-states.ts';
import type { Cycle } from '../inputs/cycle.ts';
import { checkSampleTime, timeOfStep } from '../sample-time.ts';
import type { Scaler } from '../scaler.ts';
import type { SegmentDescription } from './description.ts';

/** What all states of a segment model share. */
export interface SegmentModel {
  readonly description: SegmentDescription;
  readonly network: SegmentNetwork;
  readonly scaler: Scaler;
  readonly residuals: Float32Array | undefined;
  /** The course that the network does not see; undefined for none. */
  readonly cycle: Cycle | undefined;
}

/** What the network gives. */
type Results = Pick<SegmentArrays, 'outputs' | 'scales' | 'mapped'>;

/** Windows in one call of the network: enough rows to read each weight for many. */
const WINDOWS = 64;

/** Added to the variance of a window, as in native/core/network/segment-pass.cpp. */
const LEAST_VARIANCE = 1e-5;

/** Where the time of the newest step [ms] is in a row, if the model has a cycle. */
const TIME = 1;

/**
 * The states of a segment model. The model's own numbers in a row are the time of the newest step, if it has a cycle,
 * and the last `lookback` values of each target, scaled and without the course of the cycle, in a ring for each. A
 * stream that has taken fewer is forecast as if its first value had been there before.
 *
 * A forecast runs the whole window again, so it is made when it is first asked for, and then for all rows of a step.
 */
export class SegmentStates extends ModelStates {
  readonly #model: SegmentModel;
  readonly #window: number;
  /** Where the rings begin in a row. */
  readonly #ringsAt: number;
  readonly #read: ReadTarget;
  readonly #bound: Bounding | undefined;
  /** Outputs of one target. */
  readonly #width: number;
  /** What the outputs of a target are added to, [horizon]. */
  readonly #base: Float64Array;
  readonly #scratch: SegmentArrays;
  /** The slot of each staged row. */
  #slots: Int32Array;
  /** Of each row of a step: [capacity][targets][width], [capacity][targets][2] and [capacity][targets][#mapped]. */
  #results: Results;
  /** Outputs of the linear map for one target, and its share in a forecast. */
  readonly #mapped: number;
  readonly #share: number;
  /** Rows of the last step that have no outputs yet. */
  #pending = 0;

  /** `spare`: how many numbers of a row are the caller's. Throws `invalid-argument` if there is not enough memory. */
  constructor(model: SegmentModel, capacity: number, spare = 0) {
    const { description, network, residuals } = model;
    const { spec } = network;
    const targets = spec.channels;
    const width = spec.horizon * spec.outputs;
    const times = model.cycle ? 1 : 0;
    const own = times + targets * windowOf(spec);
    const mapped = spec.linear > 0 ? spec.horizon : 0;
    super(description, capacity, { own, spare, beside: 4 * (1 + targets * (width + 2 + mapped)) });
    this.#model = model;
    this.#window = windowOf(spec);
    this.#ringsAt = 1 + times;
    this.#width = width;
    this.#mapped = mapped;
    this.#share = description.segments.linear?.share ?? 0;
    const { horizon, levels, loss } = description;
    this.#read = headOf(loss).reader({ horizon, count: targets * horizon, levels, residuals });
    this.#bound = bounding(description);
    this.#base = new Float64Array(horizon);
    this.#scratch = network.arrays(Math.min(WINDOWS, capacity));
    this.#slots = new Int32Array(capacity);
    this.#results = this.#resultsOf(capacity);
  }

  inRange(input: number, value: number): boolean {
    return Math.abs(this.#onScale(input, value)) <= MAX_SCALED_VALUE;
  }

  outOfRange(input: number, value: number): GatecastError {
    const what = `a value within ${MAX_SCALED_VALUE} deviations of the mean`;
    return new GatecastError('invalid-sample', expected(what, this.description.inputs[input]!.name, value));
  }

  override checkTime(at: number): void {
    if (this.#model.cycle) checkSampleTime(at);
  }

  stage(k: number, slot: number, at: number): void {
    this.#check(this.values, k * this.#targets);
    this.#keepTime(slot, at);
    this.#slots[k] = slot;
  }

  advance(count: number): void {
    for (let k = 0; k < count; k++) this.#take(this.#slots[k]!, this.values, k * this.#targets);
    this.#pending = count;
  }

  read(k: number, numbers: Float64Array): void {
    this.#settle();
    this.#answer(this.#slots[k]!, this.values, this.#results, k, numbers);
  }

  stepNow(slot: number, at: number, values: Float64Array, numbers?: Float64Array): void {
    this.#check(values, 0);
    this.#keepTime(slot, at);
    this.#settle();
    this.#take(slot, values, 0);
    if (!numbers) return;
    this.#load(slot, 0);
    this.#model.network.run(1, this.#scratch);
    this.#answer(slot, values, this.#scratch, 0, numbers);
  }

  override scaled(slot: number, input: number, value: number): number {
    const { cycle } = this.#model;
    const next = this.#timeOf(slot) + (this.description.interval ?? 0);
    return this.#onScale(input, cycle && this.samples(slot) > 0 ? value - cycle.value(input, next) : value);
  }

  override deviation(slot: number, input: number): number {
    const std = this.#model.scaler.std[input]!;
    return this.#model.network.spec.instance ? std * this.#spread(slot, input) : std;
  }

  override copy(slot: number, from: number, origin: this = this): void {
    this.#settle();
    super.copy(slot, from, origin);
  }

  override reset(slot: number): void {
    this.#settle();
    super.reset(slot);
  }

  override restart(slot: number): void {
    this.#settle();
    super.restart(slot);
  }

  override readBytes(slot: number, bytes: Uint8Array): void {
    this.#settle();
    super.readBytes(slot, bytes);
  }

  override grow(capacity: number): void {
    this.#settle();
    const each = 1 + this.#targets * (this.#width + 2 + this.#mapped);
    const made = allocateStates(capacity, 4 * capacity * each, () => ({
      slots: new Int32Array(capacity),
      results: this.#resultsOf(capacity),
    }));
    super.grow(capacity);
    made.slots.set(this.#slots);
    this.#slots = made.slots;
    this.#results = made.results;
  }

  get #targets(): number {
    return this.description.targets.length;
  }

  #resultsOf(capacity: number): Results {
    const rows = capacity * this.#targets;
    return {
      outputs: new Float32Array(rows * this.#width),
      scales: new Float32Array(rows * 2),
      mapped: new Float32Array(rows * this.#mapped),
    };
  }

  #check(values: Float64Array, from: number): void {
    for (let t = 0; t < this.#targets; t++) {
      if (!this.inRange(t, values[from + t]!)) throw this.outOfRange(t, values[from + t]!);
    }
  }

  #onScale(input: number, value: number): number {
    const { mean, std } = this.#model.scaler;
    return (value - mean[input]!) / std[input]!;
  }

  #keepTime(slot: number, at: number): void {
    if (!this.#model.cycle) return;
    const before = this.samples(slot) > 0 ? this.#timeOf(slot) : undefined;
    this.rows[slot * this.rowSize + TIME] = timeOfStep(at, before, this.description.interval);
  }

  /** The time of the newest step; any number without a cycle. */
  #timeOf(slot: number): number {
    return this.rows[slot * this.rowSize + TIME]!;
  }

  #take(slot: number, values: Float64Array, from: number): void {
    const { cycle } = this.#model;
    const time = this.#timeOf(slot);
    const at = this.#ringOf(slot, 0) + (this.samples(slot) % this.#window);
    for (let t = 0; t < this.#targets; t++) {
      const value = values[from + t]! - (cycle?.value(t, time) ?? 0);
      this.rows[at + t * this.#window] = Math.fround(this.#onScale(t, value));
    }
    this.rows[slot * this.rowSize]! += 1;
  }

  #ringOf(slot: number, target: number): number {
    return slot * this.rowSize + this.#ringsAt + target * this.#window;
  }

  /** Makes the outputs of the last step. */
  #settle(): void {
    const { outputs, scales, mapped } = this.#scratch;
    const most = scales.length / (2 * this.#targets);
    for (let first = 0; first < this.#pending; first += most) {
      const count = Math.min(most, this.#pending - first);
      for (let k = 0; k < count; k++) this.#load(this.#slots[first + k]!, k);
      this.#model.network.run(count, this.#scratch);
      const rows = count * this.#targets;
      const from = first * this.#targets;
      this.#results.outputs.set(outputs.subarray(0, rows * this.#width), from * this.#width);
      this.#results.scales.set(scales.subarray(0, rows * 2), from * 2);
      this.#results.mapped.set(mapped.subarray(0, rows * this.#mapped), from * this.#mapped);
    }
    this.#pending = 0;
  }

  /** Copies the window of a slot, the oldest value first, to window `k` of the scratch. */
  #load(slot: number, k: number): void {
    const { windows } = this.#scratch;
    const { rows } = this;
    const length = this.#window;
    const samples = this.samples(slot);
    const oldest = samples % length; // of a full ring
    for (let t = 0; t < this.#targets; t++) {
      const ring = this.#ringOf(slot, t);
      const to = (k * this.#targets + t) * length;
      if (samples >= length) {
        for (let i = oldest; i < length; i++) windows[to + i - oldest] = rows[ring + i]!;
        for (let i = 0; i < oldest; i++) windows[to + length - oldest + i] = rows[ring + i]!;
      } else {
        windows.fill(rows[ring]!, to, to + length - samples);
        for (let i = 0; i < samples; i++) windows[to + length - samples + i] = rows[ring + i]!;
      }
    }
  }

  /** Writes the forecast of a slot, which row `k` of the values and of what the network gave is of. */
  #answer(
    slot: number,
    values: Float64Array,
    { outputs, scales, mapped }: Results,
    k: number,
    numbers: Float64Array,
  ): void {
    const { horizon, interval } = this.description;
    const { cycle, network, scaler } = this.#model;
    const { mean, std } = scaler;
    const { instance } = network.spec;
    const share = this.#share;
    for (let t = 0; t < this.#targets; t++) {
      const row = k * this.#targets + t;
      const base = this.#base.fill(instance ? mean[t]! + std[t]! * scales[2 * row]! : values[row]!);
      cycle?.add(t, this.#timeOf(slot), interval!, !instance, base);
      const spread = instance ? std[t]! * scales[2 * row + 1]! : std[t]!;
      const at = t * horizon;
      this.#read(outputs, row * this.#width, base, spread, numbers, at);
      if (share === 0) continue;
      for (let step = 0; step < horizon; step++) {
        const linear = base[step]! + spread * mapped[row * horizon + step]!;
        base[step]! += share * (linear - numbers[at + step]!);
      }
      this.#read(outputs, row * this.#width, base, spread, numbers, at);
    }
    this.#bound?.(numbers);
  }

  /** The deviation of the window of a target, on the scaler's scale. */
  #spread(slot: number, target: number): number {
    const ring = this.#ringOf(slot, target);
    const count = Math.min(this.samples(slot), this.#window);
    const repeated = this.#window - count; // times that the first value stands for an earlier one
    const first = this.rows[ring]!;
    let sum = repeated * first;
    for (let i = ring; i < ring + count; i++) sum += this.rows[i]!;
    const mean = sum / this.#window;
    let squares = repeated * (first - mean) ** 2;
    for (let i = ring; i < ring + count; i++) squares += (this.rows[i]! - mean) ** 2;
    return Math.sqrt(squares / this.#window + LEAST_VARIANCE);
  }
}
