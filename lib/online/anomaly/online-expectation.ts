import type { OnlineLearner } from '../learner/online-learner.ts';
import type { Step } from '../step.ts';
import { Expectation } from './expectation.ts';

/**
 * Expects what a model has learned on this very stream, and teaches it each sample. What it learned is the model's own
 * part of the row.
 */
export class OnlineExpectation extends Expectation {
  readonly #learner: OnlineLearner;

  constructor(learner: OnlineLearner, inputs: number) {
    super(inputs, 0);
    this.#learner = learner;
  }

  protected compare({ row, modelAt }: Step, _at: number, truth: Float64Array, unsure: Uint8Array): void {
    this.#learner.learn(row, modelAt, truth, this.distances, unsure);
  }
}
