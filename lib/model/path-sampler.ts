import { addToHash, Noise } from '../base/noise.ts';
import { quantile } from '../base/sorted.ts';
import { AttachedStates } from '../network/attached-states.ts';
import type { RecurrentNetwork } from '../network/recurrent-network.ts';
import { knownAhead } from './ahead.ts';
import type { Description } from './description.ts';
import { givenInputs } from './gap.ts';
import type { Encoder } from './inputs/encoder.ts';
import { headOf } from './heads/heads.ts';
import type { Family } from './heads/family.ts';
import { MAX_SCALED_VALUE } from './magnitudes.ts';
import type { PathsDescription } from './paths.ts';
import { type ReadOut, readOut } from './read-out.ts';
import type { Scaler } from './scaler.ts';

export type DescriptionWithPaths = Description & { readonly paths: PathsDescription };

/** Where a stream stands from which paths are drawn: what its states hold of its newest step. */
export interface Origin {
  readonly states: AttachedStates;
  readonly slot: number;
  /** The row of `outputs` and of `values` that is the stream's. */
  readonly k: number;
  readonly outputs: Float32Array;
  readonly values: Float64Array;
  /** Of the newest step [ms]. */
  readonly time: number;
  /** The rows of the streams, and where the stream's memory of the encoder begins. */
  readonly rows: Float64Array;
  readonly memoryAt: number;
  /** The hash of the samples taken, of `hashSample`. */
  readonly hash: number;
}

/**
 * Draws the forecasts of a network that forecasts one step: each path is a stream that goes on from the state with the
 * values that are drawn for it. All paths take a step in one native call.
 *
 * The noise of a value is a function of the seed, the samples taken, the path, the target and the step. The same
 * samples therefore give the same paths, alone and among others; streams with other samples give other paths, so that
 * paths of several streams can be added up.
 */
export class PathSampler {
  readonly #description: DescriptionWithPaths;
  readonly #encoder: Encoder;
  readonly #family: Family;
  readonly #states: AttachedStates;
  /** Reads outputs as the mean and the parameters of the next step. */
  readonly #readNext: ReadOut;
  /** [1 + parameters][targets] */
  readonly #next: Float64Array;
  /** Of one target. */
  readonly #parameters: Float64Array;
  /** The samples of the paths, [paths][inputs]. */
  readonly #values: Float64Array;
  /** What the paths remember for their inputs, [paths][encoder.memory]. */
  readonly #memory: Float64Array;
  /** The places of the targets among the inputs, and the least and greatest value of each. */
  readonly #targets: readonly { readonly input: number; readonly least: number; readonly greatest: number }[];
  /** The places of each column that is known ahead: its value now, then that of each step ahead. */
  readonly #plans: readonly (readonly number[])[];
  /** The first input that only tells of missing values. */
  readonly #marks: number;
  readonly #noise = new Noise();
  /** The values of one target and step. */
  readonly #drawn: Float64Array;

  /** Throws `invalid-argument` if there is not enough memory. */
  constructor(description: DescriptionWithPaths, encoder: Encoder, network: RecurrentNetwork, scaler: Scaler) {
    const { paths, inputs, targets, loss, bounds = [] } = description;
    this.#description = description;
    this.#encoder = encoder;
    this.#family = headOf(loss).family!;
    this.#states = new AttachedStates(network, paths.count);
    this.#readNext = readOut({ ...description, horizon: 1, levels: [] }, scaler, encoder, undefined);
    const parameters = this.#family.parameters.length;
    this.#next = new Float64Array((1 + parameters) * targets.length);
    this.#parameters = new Float64Array(parameters);
    this.#values = new Float64Array(paths.count * inputs.length);
    this.#memory = new Float64Array(paths.count * encoder.memory);
    this.#targets = targets.map((target, t) => {
      const input = inputs.findIndex(({ name }) => name === target);
      const [mean, most] = [scaler.mean[input]!, MAX_SCALED_VALUE * scaler.std[input]!];
      const { min = -Infinity, max = Infinity } = bounds[t] ?? {};
      return { input, least: Math.max(min, mean - most), greatest: Math.min(max, mean + most) };
    });
    this.#plans = knownAhead(description).map((column) =>
      inputs.flatMap(({ name, of }, i) => (name === column || of === column ? [i] : [])),
    );
    this.#marks = givenInputs(description).length;
    this.#drawn = new Float64Array(paths.count);
  }

  /** Adds the sample whose values begin at `values[from]` to the hash of a stream. */
  hashSample(hash: number, values: Float64Array, from: number): number {
    let next = hash;
    for (const { input } of this.#targets) next = addToHash(next, values[from + input]!);
    return next;
  }

  /** Writes a forecast, [1 + levels + paths][targets][horizon]. */
  draw(origin: Origin, numbers: Float64Array): void {
    const { horizon, interval } = this.#description;
    this.#begin(origin);
    for (let step = 0, { time } = origin; step < horizon; step++, time += interval ?? 0) {
      if (step > 0) this.#take(step, time, origin, numbers);
      this.#drawStep(step, time, origin.hash, numbers);
    }
    this.#sumUp(numbers);
  }

  /** Puts all paths where the stream stands. */
  #begin({ states, slot, k, outputs, values, rows, memoryAt }: Origin): void {
    const inputs = this.#description.inputs.length;
    const size = this.#encoder.memory;
    const { output, slots, outputSize } = this.#states;
    const last = outputs.subarray(k * outputSize, (k + 1) * outputSize);
    const sample = values.subarray(k * inputs, (k + 1) * inputs);
    const memory = rows.subarray(memoryAt, memoryAt + size);
    for (let p = 0; p < slots.length; p++) {
      this.#states.copy(p, states, slot);
      slots[p] = p;
      output.set(last, p * outputSize);
      this.#values.set(sample, p * inputs);
      this.#memory.set(memory, p * size);
    }
  }

  /**
   * Draws the next value of each path, of the distribution that its newest outputs stand for. `time`: of these [ms].
   */
  #drawStep(step: number, time: number, hash: number, numbers: Float64Array): void {
    const { targets, horizon, levels, paths } = this.#description;
    const key = addToHash(hash, paths.seed);
    const first = (1 + levels.length) * targets.length * horizon;
    for (let p = 0; p < paths.count; p++) {
      this.#readNext(this.#states.output, this.#values, p, this.#next, time, this.#memory, p * this.#encoder.memory);
      for (let t = 0; t < targets.length; t++) {
        for (let i = 0; i < this.#parameters.length; i++) {
          this.#parameters[i] = this.#next[(1 + i) * targets.length + t]!;
        }
        this.#noise.at(key, p, step * targets.length + t);
        const value = this.#family.draw(this.#parameters, this.#noise.first, this.#noise.second);
        const { least, greatest } = this.#targets[t]!;
        numbers[first + (p * targets.length + t) * horizon + step] = Math.min(Math.max(value, least), greatest);
      }
    }
  }

  /** Lets each path take the value drawn for it, as the sample of step `step` at `time` [ms]. */
  #take(step: number, time: number, { values, k }: Origin, numbers: Float64Array): void {
    const { inputs, targets, horizon, levels, paths } = this.#description;
    const { width, calendarAt } = this.#encoder;
    const { input } = this.#states;
    const first = (1 + levels.length) * targets.length * horizon + step - 1;
    for (let p = 0; p < paths.count; p++) {
      const at = p * inputs.length;
      for (let t = 0; t < targets.length; t++) {
        this.#values[at + this.#targets[t]!.input] = numbers[first + (p * targets.length + t) * horizon]!;
      }
      for (const plan of this.#plans) {
        this.#values[at + plan[0]!] = values[k * inputs.length + plan[step]!]!;
        this.#values[at + plan[1]!] = values[k * inputs.length + plan[step + 1]!]!;
      }
      this.#values.fill(0, at + this.#marks, at + inputs.length); // nothing is missing
      const own = p * this.#encoder.memory;
      const to = p * width;
      if (p === 0) this.#encoder.write(this.#values, at, time, input, to, this.#memory, own);
      else {
        this.#encoder.writeValues(this.#values, at, time, input, to, this.#memory, own);
        input.copyWithin(to + calendarAt, calendarAt, width);
      }
      if (this.#encoder.memory > 0) this.#encoder.take(this.#values, at, time, this.#memory, own);
    }
    this.#states.step(paths.count);
  }

  /** Writes the mean and the quantiles of the paths. */
  #sumUp(numbers: Float64Array): void {
    const { targets, horizon, levels, paths } = this.#description;
    const count = targets.length * horizon;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let p = 0, at = (1 + levels.length) * count + i; p < paths.count; p++, at += count) {
        this.#drawn[p] = numbers[at]!;
        sum += numbers[at]!;
      }
      numbers[i] = sum / paths.count;
      if (levels.length > 0) this.#drawn.sort();
      for (let l = 0; l < levels.length; l++) numbers[(1 + l) * count + i] = quantile(this.#drawn, levels[l]!);
    }
  }
}
