import { GatecastError, misfit } from '../../base/errors.ts';
import { Forecast, numberCount, toNumbers } from '../../model/forecast.ts';
import type { Forecaster } from '../../model/forecaster.ts';
import { NONE_SKIPPED } from '../../model/skipped.ts';
import { makeStates } from '../../model/model.ts';
import type { ModelStates } from '../../model/model-states.ts';
import type { ExpectedSample, Expectation } from './expectation.ts';
import { Predictive } from './predictive.ts';

/**
 * Expects what a trained forecaster forecasts one sample ahead. In the row: `Predictive`; the forecast of each target.
 */
export class ForecasterExpectation implements Expectation {
  readonly inputs: readonly string[];
  readonly targets: readonly string[];
  readonly size: number;
  readonly #model: Forecaster;
  readonly #states: ModelStates;
  readonly #columns: readonly number[];
  readonly #predictive: Predictive;
  readonly #numbers: Float64Array;

  constructor(model: Forecaster) {
    const { inputs, targets, levels } = model.description;
    checkLevels(model);
    this.inputs = inputs.map(({ name }) => name);
    this.targets = targets;
    this.#model = model;
    this.#columns = targets.map((target) => this.inputs.indexOf(target));
    this.#predictive = new Predictive(targets.length, levels);
    this.#numbers = new Float64Array(numberCount(model.description));
    this.size = this.#predictive.size + targets.length;
    this.#states = model[makeStates](1);
  }

  reset(): void {} // nothing is read of it before the first sample

  get byteSize(): number {
    return this.#states.byteSize;
  }

  refuse(input: number, value: number): GatecastError | undefined {
    return this.#states.inRange(input, value) ? undefined : this.#states.outOfRange(input, value);
  }

  foresee(row: Float64Array, at: number, out: Float64Array): void {
    const known = this.#states.samples(0) > 0;
    for (let t = 0; t < out.length; t++) out[t] = known ? row[at + this.#predictive.size + t]! : Number.NaN;
  }

  take(row: Float64Array, at: number, { values, filled, unsure }: ExpectedSample, distances: Float64Array): void {
    const known = this.#states.samples(0) > 0;
    const { description } = this.#model;
    for (const [target, column] of this.#columns.entries()) {
      const value = values[column]!;
      const compared = known && unsure[column] === 0 && !Number.isNaN(value);
      distances[target] = compared ? this.#predictive.score(row, at, target, value) : 0;
    }
    this.#states.stepNow(0, filled, this.#numbers);
    this.#predictive.expect(
      row,
      at,
      new Forecast(description, toNumbers(this.#numbers), undefined, known, NONE_SKIPPED),
    );
    for (let t = 0; t < this.#columns.length; t++) {
      row[at + this.#predictive.size + t] = this.#numbers[t * description.horizon]!;
    }
  }

  restart(): void {
    this.#states.reset(0);
  }

  writeBytes(bytes: Uint8Array): void {
    this.#states.writeBytes(0, bytes);
  }

  readBytes(bytes: Uint8Array): void {
    this.#states.readBytes(0, bytes);
  }

  dispose(): void {
    this.#states.dispose();
  }
}

/** Throws `invalid-argument` for a forecaster that gives no distribution. */
export function checkLevels({ description }: Forecaster): void {
  if (description.levels.length >= 2) return;
  throw misfit('a forecaster with two quantile levels or more', 'model', `one with ${description.levels.length}`);
}
