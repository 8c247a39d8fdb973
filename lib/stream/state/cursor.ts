import { isWordNumber } from '../../model/inputs/word.ts';
import type { ModelStates } from '../../model/model-states.ts';
import type { Step, StepVectors } from '../../online/step.ts';
import type { HiddenVectors } from './hidden-vectors.ts';
import type { StreamKind } from './stream-kind.ts';

/** The current step. `StreamStates` moves it from step to step, and `PartList` from part to part. */
export class Cursor implements Step {
  row: Float64Array;
  at = 0;
  modelAt = 0;
  report: Float64Array;
  reportAt = 0;
  readonly values: Float64Array;
  readonly filled: Float64Array;
  readonly numbers: Float64Array;
  /** The whole forecast: `numbers`, then what the head adds. */
  readonly forecast: Float64Array;
  missing = 0;
  sound = true;
  flagged = false;
  silent = false;

  /** Where the numbers of all parts begin in `row`; `reportFrom` is where their reports begin in `report`. */
  base = 0;
  reportFrom = 0;
  #slot = 0;
  readonly #states: ModelStates;
  readonly #columns: readonly number[];
  readonly #truth: Float64Array;
  readonly #deviations: Float64Array;
  readonly #scaled: Float64Array;
  readonly #vectors: HiddenVectors | undefined;
  // Whether these were looked up for this step already.
  #truthKnown = false;
  #scaledKnown = false;
  #vectorsKnown = false;

  constructor(kind: StreamKind<unknown>, states: ModelStates) {
    const { inputs, targets, numbers, beside = 0, fills, vectors } = kind;
    this.row = states.rows;
    this.report = new Float64Array(0);
    this.values = new Float64Array(inputs.length);
    this.filled = fills ? new Float64Array(inputs.length) : this.values;
    this.forecast = new Float64Array(numbers);
    this.numbers = beside === 0 ? this.forecast : this.forecast.subarray(0, numbers - beside);
    this.#states = states;
    this.#columns = targets.map((target) => inputs.indexOf(target));
    this.#truth = new Float64Array(targets.length);
    this.#deviations = new Float64Array(targets.length);
    this.#scaled = new Float64Array(inputs.length);
    this.#vectors = vectors;
  }

  /** Moves to a step of a slot, whose report begins at index `reportFrom` of `report`. */
  move(slot: number, report: Float64Array, reportFrom: number): void {
    const { rows, rowSize, spare } = this.#states;
    this.row = rows;
    this.base = slot * rowSize + spare;
    this.modelAt = slot * rowSize + 1;
    this.report = report;
    this.reportFrom = reportFrom;
    this.sound = true;
    this.flagged = false;
    this.silent = false;
    this.#slot = slot;
    this.#truthKnown = false;
    this.#scaledKnown = false;
    this.#vectorsKnown = false;
  }

  /** Moves to a part. */
  enter(place: { readonly at: number; readonly reportAt: number }): void {
    this.at = this.base + place.at;
    this.reportAt = this.reportFrom + place.reportAt;
  }

  truth(): Float64Array {
    if (!this.#truthKnown) {
      for (let t = 0; t < this.#truth.length; t++) this.#truth[t] = this.values[this.#columns[t]!]!;
      this.#truthKnown = true;
    }
    return this.#truth;
  }

  scaled(): Float64Array {
    if (!this.#scaledKnown) {
      for (let i = 0; i < this.#scaled.length; i++) {
        const value = this.values[i]!;
        this.#scaled[i] = isWordNumber(value) ? Number.NaN : this.#states.scaled(this.#slot, i, value);
      }
      this.#scaledKnown = true;
    }
    return this.#scaled;
  }

  deviations(): Float64Array {
    for (let t = 0; t < this.#deviations.length; t++) {
      this.#deviations[t] = this.#states.deviation(this.#slot, this.#columns[t]!);
    }
    return this.#deviations;
  }

  vectors(): StepVectors {
    const vectors = this.#vectors!;
    if (!this.#vectorsKnown) {
      vectors.read(this.#states, this.#slot);
      this.#vectorsKnown = true;
    }
    return vectors;
  }
}
