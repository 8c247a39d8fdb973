import { describe, misfit, nearest } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import { oneOf, object } from '../../base/schema.ts';
import { isWordNumber } from '../../model/inputs/word.ts';
import type { WritableTrust } from '../live-forecast.ts';
import type { Part } from '../part.ts';
import type { Step } from '../step.ts';
import { isRecord } from '../../base/values.ts';

/**
 * What stands in for a missing value.
 *
 * - `hold`: the last value.
 * - `decay`: a value on its way from the last one to the mean of the training data.
 * - `impute`: what was forecast for it if the input is a target; otherwise like `hold`.
 * - `mask`: like `hold`, and the input `<name>_missing` is 1 meanwhile, otherwise 0. The model must have been trained
 *   with that input.
 *
 * All begin with the mean while there was no value yet, or with nothing (NaN) for a model that knows no mean.
 */
export type GapPolicy = 'hold' | 'decay' | 'impute' | 'mask';

export interface GapOptions {
  /**
   * One policy for all inputs, or policies by name; inputs not named use `hold`. Default 'hold'. Errors call it `gap`,
   * as users do.
   */
  fill?: GapPolicy | Readonly<Record<string, GapPolicy>>;
  /** Time in which `decay` goes 63 % of the way to the mean; above 0. Default ten intervals, or ten samples. */
  decayTime?: Duration;
}

/** What a filler needs to know about a model. */
export interface GapModel {
  readonly names: readonly string[];
  /** Of the training data, one for each name; undefined when it is not known. */
  readonly mean: ArrayLike<number> | undefined;
  readonly targets: readonly string[];
  /** [ms]; null if not known. */
  readonly interval: number | null;
  /** Steps forecast; 1 when left out. */
  readonly horizon?: number;
}

const checkOptions = object<{ fill?: object | string; decayTime?: number }>(
  { fill: stringOrObject, decayTime: milliseconds },
  ['fill', 'decayTime'],
);
const checkPolicy = oneOf('hold', 'decay', 'impute', 'mask');

const MASK = '_missing';
const DECAY_SAMPLES = 10;
const NONE = -1;

/**
 * Fills in the missing values of a stream's samples, and keeps the age of each input.
 *
 * The decay is that of the inputs in GRU-D, with one fixed time constant in place of learned ones:
 *
 *     x = mean + (last - mean) exp(-age / time constant)
 *
 * Che, Purushotham, Cho, Sontag, Liu, "Recurrent neural networks for multivariate time series with missing values",
 * Scientific Reports 8, 2018.
 */
export class GapFiller implements Part {
  /**
   * The row holds the last value of each input, then the age of each [samples], which is Infinity before the first;
   * then what was last forecast of the next sample for each target, NaN before there was a forecast.
   */
  readonly size: number;
  readonly reportSize: number;
  readonly #mean: Float64Array;
  readonly #policies: readonly GapPolicy[];
  /** Per input: its place among the targets, the input that is its mask, and whether it is itself a mask. */
  readonly #targetOf: Int32Array;
  readonly #maskOf: Int32Array;
  readonly #isMask: readonly boolean[];
  /** Time constant of the decay [samples]. */
  readonly #decay: number;
  readonly #horizon: number;
  readonly #predicted: Float64Array;

  /**
   * Throws `invalid-argument` for a wrong option, a name that is not an input, and a mask for which the model has no
   * input.
   */
  constructor(model: GapModel, options: GapOptions = {}) {
    const { fill = 'hold', decayTime } = checkOptions(options, 'options');
    const { names } = model;
    this.#mean = model.mean ? Float64Array.from(model.mean) : new Float64Array(names.length).fill(Number.NaN);
    this.#policies = policiesOf(fill, names);
    if (model.mean === undefined && this.#policies.includes('decay')) {
      throw misfit("'hold' or 'impute' for a model without a scaler", 'options.gap', 'decay');
    }
    this.#isMask = names.map(
      (name) => this.#policies[names.indexOf(name.slice(0, -MASK.length))] === 'mask' && name.endsWith(MASK),
    );
    this.#maskOf = Int32Array.from(names, (name, i) =>
      this.#policies[i] === 'mask' && !this.#isMask[i] ? maskOf(name, names) : NONE,
    );
    this.#targetOf = Int32Array.from(names, (name) => model.targets.indexOf(name));
    this.#decay = decayTime === undefined ? DECAY_SAMPLES : samples(decayTime, model.interval);
    this.#horizon = model.horizon ?? 1;
    this.#predicted = new Float64Array(model.targets.length);
    this.reportSize = names.length;
    this.size = 2 * names.length + model.targets.length;
  }

  reset(row: Float64Array, at: number): void {
    row.set(this.#mean, at);
    row.fill(Number.POSITIVE_INFINITY, at + this.#mean.length, this.#predictedAt(at));
    row.fill(Number.NaN, this.#predictedAt(at), at + this.size);
  }

  /** Every value is a sample older, and nothing is forecast. */
  restart(row: Float64Array, at: number): void {
    for (let i = 0; i < this.#mean.length; i++) if (!this.#isMask[i]) row[at + this.#mean.length + i]! += 1;
    row.fill(Number.NaN, this.#predictedAt(at), at + this.size);
  }

  before({ row, at, values, filled }: Step): void {
    const predicted = this.#predicted;
    for (let t = 0; t < predicted.length; t++) predicted[t] = row[this.#predictedAt(at) + t]!;
    for (let i = 0; i < values.length; i++) filled[i] = values[i]!;
    this.complete(row, at, filled, predicted);
  }

  after({ row, at, numbers }: Step): void {
    for (let t = 0; t < this.#predicted.length; t++) row[this.#predictedAt(at) + t] = numbers[t * this.#horizon]!;
  }

  report({ row, at, report, reportAt }: Step): void {
    for (let i = 0; i < this.#mean.length; i++) report[reportAt + i] = this.age(row, at, i);
  }

  trust(report: readonly number[], at: number, trust: WritableTrust): void {
    const ages: number[] = [];
    for (let i = 0; i < this.#mean.length; i++) ages.push(report[at + i]!);
    trust.ages = ages;
  }

  /**
   * Takes the values of one sample, in the order of the inputs, and replaces each NaN by a stand-in; returns how many
   * it replaced. A sample that is missing altogether is all NaN. Masks are written, not read. `forecast` is the
   * forecast of this sample, one value per target in its own unit, or undefined.
   */
  complete(row: Float64Array, at: number, values: Float64Array, forecast: ArrayLike<number> | undefined): number {
    const count = this.#mean.length;
    let filled = 0;
    for (let i = 0; i < count; i++) {
      if (this.#isMask[i]) continue;
      const missing = !Number.isFinite(values[i]);
      const age = at + count + i;
      if (missing) {
        row[age] = row[age]! + 1;
        values[i] = this.#standIn(i, row[at + i]!, row[age], forecast);
        filled++;
      } else {
        row[age] = 0;
        row[at + i] = values[i]!;
      }
      if (this.#maskOf[i] !== NONE) values[this.#maskOf[i]!] = missing ? 1 : 0;
    }
    return filled;
  }

  /** Samples since the input had a value: 0 if the newest has one, Infinity before the first. */
  age(row: Float64Array, at: number, input: number): number {
    return row[at + this.#mean.length + input]!;
  }

  #predictedAt(at: number): number {
    return at + 2 * this.#mean.length;
  }

  #standIn(input: number, last: number, age: number, forecast: ArrayLike<number> | undefined): number {
    switch (this.#policies[input]!) {
      case 'decay':
        if (isWordNumber(last)) return last; // a word has no way to the mean: it is held
        return this.#mean[input]! + (last - this.#mean[input]!) * Math.exp(-age / this.#decay);
      case 'impute': {
        const value = this.#targetOf[input] === NONE ? undefined : forecast?.[this.#targetOf[input]!];
        return Number.isFinite(value) ? value! : last;
      }
      default:
        return last;
    }
  }
}

function policiesOf(fill: object | string, names: readonly string[]): readonly GapPolicy[] {
  if (typeof fill === 'string') return names.map(() => checkPolicy(fill, 'options.gap'));
  const given = new Map(
    Object.entries(fill).map(([name, policy]) => [name, checkPolicy(policy, `options.gap.${name}`)]),
  );
  const stranger = [...given.keys()].find((name) => !names.includes(name));
  if (stranger !== undefined) {
    const hint = ` Did you mean ${describe(nearest(stranger, names) ?? names[0])}?`;
    throw misfit('names of inputs', 'options.gap', stranger, hint);
  }
  return names.map((name) => given.get(name) ?? 'hold');
}

function maskOf(name: string, names: readonly string[]): number {
  const mask = names.indexOf(name + MASK);
  if (mask !== NONE) return mask;
  const what = `a model with the input ${describe(name + MASK)}`;
  throw misfit(what, `options.gap of ${name}`, 'mask');
}

function samples(decayTime: number, interval: number | null): number {
  if (interval !== null && decayTime > 0) return decayTime / interval;
  const what = interval === null ? 'a model with an interval' : 'more than 0';
  throw misfit(what, 'options.decayTime', decayTime);
}

function stringOrObject(value: unknown, name: string): object | string {
  if (typeof value === 'string' || isRecord(value)) return value;
  throw misfit('a policy, or policies by name', name, value);
}
