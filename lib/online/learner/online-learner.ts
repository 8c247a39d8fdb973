import { clamp, FARTHEST } from '../statistics/clamp.ts';
import { Moments } from '../statistics/moments.ts';
import type { Part } from '../part.ts';
import { Rls } from './rls.ts';

/** Samples over which the level and deviation of an input are taken. */
const LEVEL_MEMORY = 10_000;
/** Samples remembered for each weight of the read-out; forgetting then costs about 1 / 64 of the error's variance. */
const MEMORY_PER_WEIGHT = 32;
/** Scaled values that the network is shown at most. */
const LARGEST_INPUT = 10;

/**
 * Learns, from a stream's first sample on, to forecast every input one sample ahead: least squares of its change on the
 * hidden vector of a network that does not learn, on the last two values and on 1. All is on the scale of a running
 * mean and deviation. Untaught it repeats the last value.
 *
 * In the row: moments of each input; moments of each error; the read-out; the last values; the features: 1, the last
 * values scaled, those before them, the hidden vector.
 */
export class OnlineLearner implements Part {
  readonly size: number;
  readonly #inputs: number;
  readonly #levels = new Moments(LEVEL_MEMORY);
  readonly #errors: Moments;
  readonly #rls: Rls;
  readonly #at: { errors: number; rls: number; last: number; features: number };
  readonly #predicted: Float64Array;
  readonly #lesson: Float64Array;
  readonly #features: Float64Array;

  /** For a network with so many inputs and values in its hidden vector. */
  constructor(inputs: number, hidden: number) {
    const features = 1 + 2 * inputs + hidden;
    const memory = MEMORY_PER_WEIGHT * features;
    this.#inputs = inputs;
    this.#errors = new Moments(memory);
    this.#rls = new Rls({ features, outputs: inputs, forgetting: 1 - 1 / memory, ridge: 1 });
    const errors = inputs * this.#levels.size;
    const rls = errors + inputs * this.#errors.size;
    const last = rls + this.#rls.size;
    this.#at = { errors, rls, last, features: last + inputs };
    this.size = last + inputs + features;
    this.#predicted = new Float64Array(inputs);
    this.#lesson = new Float64Array(inputs);
    this.#features = new Float64Array(features);
  }

  reset(row: Float64Array, at: number): void {
    this.#rls.reset(row, at + this.#at.rls);
  }

  /**
   * Takes the values of a sample, NaN for those that are missing: writes into `distances` how many deviations of the
   * recent errors each lies from its forecast, 0 where the input has not varied yet, and learns from them. Nothing is
   * learned of what is missing, nor of the change to a value that is `unsure`, whose distance is 0.
   */
  learn(row: Float64Array, at: number, values: Float64Array, distances: Float64Array, unsure?: Uint8Array): void {
    this.#predict(row, at);
    for (let i = 0; i < this.#inputs; i++) {
      const errors = at + this.#at.errors + i * this.#errors.size;
      const scale = this.#levels.deviation(row, at + i * this.#levels.size);
      distances[i] = 0;
      this.#lesson[i] = Number.NaN;
      if (scale === 0) continue; // nothing to measure a change by
      if (Number.isNaN(values[i]) || unsure?.[i] === 1) continue;
      const change = clamp((values[i]! - row[at + this.#at.last + i]!) / scale, FARTHEST);
      const error = change - this.#predicted[i]!;
      distances[i] = this.#errors.standardise(row, errors, error);
      const lesson = this.#errors.lesson(row, errors, error); // an anomaly is not learned at once
      this.#errors.add(row, errors, lesson);
      this.#lesson[i] = this.#predicted[i]! + lesson;
    }
    this.#rls.update(row, at + this.#at.rls, this.#features, this.#lesson);
    for (let i = 0; i < this.#inputs; i++) {
      const levels = at + i * this.#levels.size;
      if (!Number.isNaN(values[i])) this.#levels.add(row, levels, this.#levels.lesson(row, levels, values[i]!));
    }
  }

  /**
   * Writes what the network is shown of a sample, all of whose values are numbers by now: both in `values` and in
   * `input` they begin at `from`.
   */
  show(row: Float64Array, at: number, values: Float64Array, from: number, input: Float32Array): void {
    const first = at + this.#at.features;
    row[first] = 1;
    row.copyWithin(first + 1 + this.#inputs, first + 1, first + 1 + this.#inputs);
    for (let i = 0; i < this.#inputs; i++) {
      const value = values[from + i]!;
      const scaled = clamp(this.#levels.standardise(row, at + i * this.#levels.size, value), LARGEST_INPUT);
      row[first + 1 + i] = scaled;
      row[at + this.#at.last + i] = value;
      input[from + i] = scaled;
    }
  }

  /** Takes the network's hidden vector after that, which begins at `from` in `hidden`. */
  hear(row: Float64Array, at: number, hidden: Float32Array, from: number): void {
    const first = at + this.#at.features + 1 + 2 * this.#inputs;
    for (let i = 0; first + i < at + this.size; i++) row[first + i] = hidden[from + i]!;
  }

  /** Writes the forecast of each value. */
  foresee(row: Float64Array, at: number, out: Float64Array): void {
    this.#predict(row, at);
    for (let i = 0; i < this.#inputs; i++) {
      const scale = this.#levels.deviation(row, at + i * this.#levels.size);
      out[i] = row[at + this.#at.last + i]! + scale * clamp(this.#predicted[i]!, FARTHEST);
    }
  }

  /** Forgets the features, as the network its vector. */
  restart(row: Float64Array, at: number): void {
    row.fill(0, at + this.#at.features, at + this.size);
  }

  #predict(row: Float64Array, at: number): void {
    const features = this.#features;
    for (let k = 0; k < features.length; k++) features[k] = row[at + this.#at.features + k]!;
    this.#rls.predict(row, at + this.#at.rls, features, this.#predicted);
  }
}
