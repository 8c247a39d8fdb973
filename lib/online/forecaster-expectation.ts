import { expected, GatecastError } from '../errors.ts';
import type { Forecaster } from '../model/forecaster.ts';
import type { ForecasterState, StateOptions } from '../model/forecaster-state.ts';
import { readSample, type Sample } from '../model/sample.ts';
import type { Expectation } from './expectation.ts';
import { Predictive } from './predictive.ts';

/** Expects what a trained forecaster forecasts one sample ahead. */
export class ForecasterExpectation implements Expectation {
  readonly targets: readonly string[];
  readonly values: Float64Array;
  readonly distances: Float64Array;
  at: number | undefined;
  skipped = 0;
  readonly #state: ForecasterState;
  readonly #names: readonly string[];
  readonly #columns: readonly number[];
  readonly #sample: Float64Array;
  readonly #predictive: Predictive;
  readonly #row: Float64Array;

  constructor(model: Forecaster, options: StateOptions) {
    const { inputs, targets, levels } = model.description;
    checkLevels(model);
    this.targets = targets;
    this.values = new Float64Array(targets.length);
    this.distances = new Float64Array(targets.length);
    this.#state = model.createState(options);
    this.#names = inputs.map(({ name }) => name);
    this.#columns = targets.map((target) => this.#names.indexOf(target));
    this.#sample = new Float64Array(inputs.length);
    this.#predictive = new Predictive(targets.length, levels);
    this.#row = new Float64Array(this.#predictive.size);
  }

  take(sample: Sample): boolean {
    const forecast = this.#state.step(sample);
    this.skipped = this.#state.skipped;
    if (!forecast) return false;
    readSample(sample, undefined, this.#names, this.#sample); // the state has found it valid
    this.at = forecast.at;
    this.#columns.forEach((column, target) => {
      const value = this.#sample[column]!;
      this.values[target] = value;
      this.distances[target] = this.#state.samples > 1 ? this.#predictive.score(this.#row, 0, target, value) : 0;
    });
    this.#predictive.expect(this.#row, 0, forecast);
    return true;
  }

  dispose(): void {
    this.#state.dispose();
  }
}

/** Throws `invalid-argument` for a forecaster that gives no distribution. */
export function checkLevels({ description }: Forecaster): void {
  if (description.levels.length >= 2) return;
  throw new GatecastError(
    'invalid-argument',
    expected('a forecaster with two quantile levels or more', 'model', `one with ${description.levels.length}`),
  );
}
