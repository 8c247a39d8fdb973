import { expected, GatecastError } from '../errors.ts';
import { isInvalidSample, type StateOptions } from '../model/forecaster-state.ts';
import { readSample, type Sample } from '../model/sample.ts';
import type { NetworkState } from '../network/network-state.ts';
import type { Expectation } from './expectation.ts';
import type { OnlineForecaster } from './online-forecaster.ts';

/** Larger values could carry a sum of squares out of the range of doubles. */
const LARGEST = 1e100;

/** Expects what a forecaster has learned on this very stream. */
export class OnlineExpectation implements Expectation {
  readonly targets: readonly string[];
  readonly values: Float64Array;
  readonly distances: Float64Array;
  at: number | undefined;
  skipped = 0;
  readonly #model: OnlineForecaster;
  readonly #options: StateOptions;
  readonly #state: NetworkState;
  readonly #row: Float64Array;

  constructor(model: OnlineForecaster, options: StateOptions) {
    this.targets = model.inputs;
    this.values = new Float64Array(model.inputs.length);
    this.distances = new Float64Array(model.inputs.length);
    this.#model = model;
    this.#options = options;
    this.#state = model.createState();
    this.#row = new Float64Array(model.learner.size);
    model.learner.reset(this.#row, 0);
  }

  take(sample: Sample): boolean {
    try {
      this.at = readSample(sample, undefined, this.targets, this.values);
      const i = this.values.findIndex((value) => Math.abs(value) > LARGEST);
      if (i >= 0) {
        const what = expected(`a value within ${LARGEST}`, this.targets[i]!, this.values[i]);
        throw new GatecastError('invalid-sample', what);
      }
    } catch (error) {
      if (this.#options.onInvalid === 'error' || !isInvalidSample(error)) throw error;
      this.skipped++;
      return false;
    }
    this.#model.learner.step(this.#row, 0, this.#state, this.values, this.distances);
    return true;
  }

  dispose(): void {
    this.#state.dispose();
  }
}
