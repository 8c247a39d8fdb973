import { countUnit } from '../model/heads/negative-binomial.ts';
import type { Head } from '../model/heads/head.ts';
import type { RunningScale } from '../model/inputs/running-scale.ts';
import type { Scaler } from '../model/scaler.ts';
import { momentsOfColumn } from './scale.ts';

/** What the native trainer takes for each row and target: the value, and centre and spread of the row's scale. */
const NUMBERS = 3;

/** The furthest that a true value may be from the centre, in spreads; as `kFarthest` in native/core/train/trainer.h. */
const FARTHEST = 32;

/** Writes the true values of rows for the native trainer. */
export interface Truths {
  /** [rows][targets][value, centre, spread], or as `place` says. */
  readonly scaled: Float32Array;
  /** Begins a series with these columns. */
  begin(columns: readonly Float64Array[]): void;
  /** Writes row `row` of all rows: its values, and the moments of its series after it. */
  write(row: number, values: Float64Array, moments: Float64Array): void;
}

export interface TruthForm {
  /** The inputs that are forecast. */
  readonly targets: readonly number[];
  /** Whether the network forecasts the change from the last value. */
  readonly anchored: boolean;
  readonly rows: number;
  readonly place: Place;
}

/** Where row `row` of target `t` is in a list of all rows and targets: [rows][targets], or [targets][rows]. */
export type Place = (row: number, t: number) => number;

/**
 * The true values of rows of which each has a scale of its own. They are in a unit that their series has in common, its
 * mean and deviation, because 32 bits would not hold a small change at a large level.
 */
export class TruthWriter implements Truths {
  readonly scaled: Float32Array;
  readonly #scale: RunningScale;
  readonly #form: TruthForm;
  #units: { mean: number; std: number }[] = [];

  constructor(scale: RunningScale, form: TruthForm) {
    this.scaled = new Float32Array(form.rows * form.targets.length * NUMBERS);
    this.#scale = scale;
    this.#form = form;
  }

  /** Begins a series with these columns. */
  begin(columns: readonly Float64Array[]): void {
    this.#units = this.#form.targets.map((target) => {
      const { mean = 0, std = 0 } = momentsOfColumn(columns[target]!) ?? {};
      return { mean, std: std > 0 ? std : 1 };
    });
  }

  /** Writes row `row` of all rows: its values, and the moments of its series after it. */
  write(row: number, values: Float64Array, moments: Float64Array): void {
    const { targets, anchored, place } = this.#form;
    targets.forEach((target, t) => {
      const { mean, std } = this.#units[t]!;
      const value = (values[target]! - mean) / std;
      const at = place(row, t) * NUMBERS;
      // From a series that has not moved, nothing is to be learned but that it stays.
      const moved = this.#scale.moved(moments, 0, target);
      this.scaled[at] = value;
      this.scaled[at + 1] = anchored ? value : (this.#scale.mean(moments, 0, target) - mean) / std;
      this.scaled[at + 2] = moved ? this.#scale.deviation(moments, 0, target) / std : Number.POSITIVE_INFINITY;
    });
  }
}

/** The true values of counts: the counts themselves, beside the unit that their series has after each row. */
export class CountWriter implements Truths {
  readonly scaled: Float32Array;
  readonly #scaler: Scaler;
  readonly #scale: RunningScale | undefined;
  readonly #form: TruthForm;

  constructor(scaler: Scaler, scale: RunningScale | undefined, form: TruthForm) {
    this.scaled = new Float32Array(form.rows * form.targets.length * NUMBERS);
    this.#scaler = scaler;
    this.#scale = scale;
    this.#form = form;
  }

  begin(): void {}

  write(row: number, values: Float64Array, moments: Float64Array): void {
    this.#form.targets.forEach((target, t) => {
      const at = this.#form.place(row, t) * NUMBERS;
      this.scaled[at] = values[target]!;
      this.scaled[at + 2] = countUnit(this.#scale?.mean(moments, 0, target) ?? this.#scaler.mean[target]!);
    });
  }
}

/**
 * What the network is to forecast of target `t`, `step` rows after `row`, as the native trainer computes it: a number
 * on its scale, a count in its unit, or the place of a class.
 */
export function trueValue(
  { truths }: Pick<Head, 'truths'>,
  scaled: Float32Array,
  targets: number,
  t: number,
  row: number,
  step: number,
): number {
  const from = (row * targets + t) * NUMBERS;
  const value = scaled[((row + step) * targets + t) * NUMBERS]!;
  const truth = (value - scaled[from + 1]!) / scaled[from + 2]!;
  if (truths !== 'numbers') return truth;
  return Math.min(Math.max(truth, -FARTHEST), FARTHEST);
}
