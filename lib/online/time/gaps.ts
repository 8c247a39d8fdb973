import { describe, misfit } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import { object } from '../../base/schema.ts';
import {
  checkGap,
  checkGapNames,
  ELAPSED,
  type Gap,
  type GapPolicy,
  MISSING,
  marksOf,
  policyOf,
} from '../../model/gap.ts';
import { laterSteps } from '../../model/ahead.ts';
import { isWordNumber } from '../../model/inputs/word.ts';
import type { ScaleDescription } from '../../model/inputs/running-scale.ts';
import type { Model } from '../../model/model.ts';
import type { WritableTrust } from '../live-forecast.ts';
import type { Part } from '../part.ts';
import type { Step } from '../step.ts';

export interface GapOptions {
  /** Default the policies that the model was trained with, or else 'hold'. Errors call it `gap`, as users do. */
  fill?: Gap;
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
  /** For each input the place of the input one step later in its plan, or -1; undefined if nothing is known ahead. */
  readonly later?: Int32Array;
  /** The policies that it was trained with. It has the inputs that they write, whatever policies its streams have. */
  readonly gap?: Gap | undefined;
  /** If it has a scale for each stream, whose mean is then not that of the training data. */
  readonly scale?: ScaleDescription | undefined;
}

const checkOptions = object<{ fill?: Gap; decayTime?: number }>(
  { fill: (value) => checkGap(value, 'options.gap'), decayTime: milliseconds },
  ['fill', 'decayTime'],
);

const DECAY_SAMPLES = 10;
const NONE = -1;
/** Most samples since the last value that are told to the network; also before the first value. */
const MOST_ELAPSED = 1000;

/**
 * Fills in the missing values of a stream's samples, and keeps the age of each input.
 *
 * An input that is known ahead has a plan, which keeps its place in time: a value that was given for a step ahead
 * stands in for it when that step comes, until it is given anew. After its last value a plan is held.
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
   * The row holds the last value of each input, or for one that is a step ahead what the plan says of it, NaN for
   * nothing; then the age of each [samples], which is Infinity before the first;
   * then what was last forecast of the next sample for each target, NaN before there was a forecast.
   */
  readonly size: number;
  readonly reportSize: number;
  readonly #mean: Float64Array;
  readonly #policies: readonly GapPolicy[];
  /** Per input: its place among the targets, the inputs that tell of it, and whether it tells of another. */
  readonly #targetOf: Int32Array;
  readonly #maskOf: Int32Array;
  readonly #elapsedOf: Int32Array;
  readonly #isMark: readonly boolean[];
  /** The inputs one step later and one step before in the same plan. */
  readonly #later: Int32Array;
  readonly #earlier: Int32Array;
  /** Time constant of the decay [samples]. */
  readonly #decay: number;
  readonly #horizon: number;
  readonly #predicted: Float64Array;
  /** Keeps the forecast; only if it stands in for values. */
  readonly after?: (step: Step) => void;

  /**
   * Throws `invalid-argument` for a wrong option, a name that is not an input, and a mask for which the model has no
   * input.
   */
  constructor(model: GapModel, options: GapOptions = {}) {
    const { fill = model.gap ?? 'hold', decayTime } = checkOptions(options, 'options');
    const { names } = model;
    this.#mean = model.mean ? Float64Array.from(model.mean) : new Float64Array(names.length).fill(Number.NaN);
    checkGapNames(fill, names, 'options.gap');
    this.#policies = names.map((name) => policyOf(fill, name));
    const wrong = names.find((name, i) => {
      return this.#policies[i] === 'decay' && (model.mean === undefined || model.scale?.inputs.includes(name));
    });
    if (wrong !== undefined) {
      const what = model.mean
        ? `${describe(wrong)}, which has no mean that all series share`
        : 'a model without a scaler';
      throw misfit(`'hold' or 'impute' for ${what}`, 'options.gap', 'decay');
    }
    const marks = new Set(names.flatMap((name) => [...marksOf(fill, name), ...marksOf(model.gap ?? 'hold', name)]));
    this.#isMark = names.map((name) => marks.has(name));
    const placeOf = (ending: string) => (name: string, i: number) =>
      marks.has(name + ending) && !this.#isMark[i] ? markOf(name, ending, names, this.#policies[i]!) : NONE;
    this.#maskOf = Int32Array.from(names, placeOf(MISSING));
    this.#elapsedOf = Int32Array.from(names, placeOf(ELAPSED));
    this.#targetOf = Int32Array.from(names, (name) => model.targets.indexOf(name));
    this.#later = model.later ?? new Int32Array(names.length).fill(NONE);
    this.#earlier = new Int32Array(names.length).fill(NONE);
    for (const [i, later] of this.#later.entries()) if (later !== NONE) this.#earlier[later] = i;
    this.#decay = decayTime === undefined ? DECAY_SAMPLES : samples(decayTime, model.interval);
    this.#horizon = model.horizon ?? 1;
    this.#predicted = new Float64Array(model.targets.length);
    if (this.imputes) this.after = ({ row, at, numbers }) => this.keep(row, at, numbers);
    this.reportSize = names.length;
    this.size = 2 * names.length + model.targets.length;
  }

  reset(row: Float64Array, at: number): void {
    row.set(this.#mean, at);
    row.fill(Number.POSITIVE_INFINITY, at + this.#mean.length, this.#predictedAt(at));
    row.fill(Number.NaN, this.#predictedAt(at), at + this.size);
    this.#forgetPlans(row, at);
  }

  /** Every value is a sample older, and nothing is forecast or planned. */
  restart(row: Float64Array, at: number): void {
    this.#forgetPlans(row, at);
    for (let i = 0; i < this.#mean.length; i++) if (!this.#isMark[i]) row[at + this.#mean.length + i]! += 1;
    row.fill(Number.NaN, this.#predictedAt(at), at + this.size);
  }

  before({ row, at, values, filled }: Step): void {
    for (let i = 0; i < values.length; i++) filled[i] = values[i]!;
    this.fillSample(row, at, filled);
  }

  /** True if it has to `keep` forecasts, because they stand in for values. */
  get imputes(): boolean {
    return this.#policies.includes('impute');
  }

  /** Keeps what is forecast of the next sample; `numbers` are those of a forecast. */
  keep(row: Float64Array, at: number, numbers: Float64Array): void {
    for (let t = 0; t < this.#predicted.length; t++) row[this.#predictedAt(at) + t] = numbers[t * this.#horizon]!;
  }

  /** As `complete`, with the forecast that was kept of this sample. */
  fillSample(row: Float64Array, at: number, values: Float64Array): number {
    const predicted = this.#predicted;
    for (let t = 0; t < predicted.length; t++) predicted[t] = row[this.#predictedAt(at) + t]!;
    return this.complete(row, at, values, predicted);
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
   * it replaced. A sample that is missing altogether is all NaN. Inputs that tell of others are written, not read.
   * `forecast` is the forecast of this sample, one value per target in its own unit, or undefined.
   */
  complete(row: Float64Array, at: number, values: Float64Array, forecast: ArrayLike<number> | undefined): number {
    const count = this.#mean.length;
    let filled = 0;
    for (let i = 0; i < count; i++) {
      if (this.#isMark[i]) continue;
      const missing = !Number.isFinite(values[i]);
      const age = at + count + i;
      const later = this.#later[i]!;
      const planned = later === NONE ? Number.NaN : row[at + later]!; // what was said of this step a sample ago
      if (missing) {
        row[age] = row[age]! + 1;
        if (this.#earlier[i] !== NONE) {
          row[at + i] = planned;
          values[i] = Number.isNaN(planned) ? values[this.#earlier[i]!]! : planned;
        } else if (Number.isNaN(planned)) {
          values[i] = this.#standIn(i, row[at + i]!, row[age], forecast);
        } else {
          row[at + i] = planned;
          values[i] = planned;
        }
        filled++;
      } else {
        row[age] = 0;
        row[at + i] = values[i]!;
      }
      if (this.#maskOf[i] !== NONE) values[this.#maskOf[i]!] = missing ? 1 : 0;
      if (this.#elapsedOf[i] !== NONE) values[this.#elapsedOf[i]!] = Math.log1p(Math.min(row[age], MOST_ELAPSED));
    }
    return filled;
  }

  /** Samples since any input had a value, as `age`: how long the stream has said nothing. */
  silence(row: Float64Array, at: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#mean.length; i++) {
      if (!this.#isMark[i]) least = Math.min(least, this.age(row, at, i));
    }
    return least;
  }

  /** Samples since the input had a value: 0 if the newest has one, Infinity before the first. */
  age(row: Float64Array, at: number, input: number): number {
    return row[at + this.#mean.length + input]!;
  }

  /** The last value of an input; before the first what it begins with. */
  last(row: Float64Array, at: number, input: number): number {
    return row[at + input]!;
  }

  #forgetPlans(row: Float64Array, at: number): void {
    for (let i = 0; i < this.#earlier.length; i++) if (this.#earlier[i] !== NONE) row[at + i] = Number.NaN;
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

/** What a filler needs to know about a model. */
export function gapModelOf({ description, scaler }: Pick<Model, 'description' | 'scaler'>): GapModel {
  const { inputs, classes, interval, horizon, gap, scale } = description;
  const targets = classes ? [] : description.targets; // the forecast of a word is none that can stand in for it
  const names = inputs.map(({ name }) => name);
  return { names, mean: scaler?.mean, targets, interval, horizon, gap, later: laterSteps(inputs), scale };
}

/** The filler of the streams of a model. Throws as the constructor does. */
export function gapFillerOf(model: Pick<Model, 'description' | 'scaler'>, options: GapOptions): GapFiller {
  return new GapFiller(gapModelOf(model), options);
}

function markOf(name: string, ending: string, names: readonly string[], policy: GapPolicy): number {
  const mark = names.indexOf(name + ending);
  if (mark !== NONE) return mark;
  const what = `a model with the input ${describe(name + ending)}`;
  throw misfit(what, `options.gap of ${name}`, policy);
}

function samples(decayTime: number, interval: number | null): number {
  if (interval !== null && decayTime > 0) return decayTime / interval;
  const what = interval === null ? 'a model with an interval' : 'more than 0';
  throw misfit(what, 'options.decayTime', decayTime);
}
