import { misfit } from '../../base/errors.ts';
import type { Model } from '../../model/model.ts';
import type { Step } from '../step.ts';
import { Expectation } from './expectation.ts';
import { Predictive } from './predictive.ts';

/** Expects what a trained forecaster forecasts one sample ahead. Its own numbers are those of `Predictive`. */
export class ForecasterExpectation extends Expectation {
  readonly #predictive: Predictive;
  readonly #shape: { readonly targets: readonly string[]; readonly horizon: number };

  constructor({ description }: Model) {
    const { targets, horizon, levels } = description;
    const predictive = new Predictive(targets.length, levels);
    super(targets.length, predictive.size);
    this.#predictive = predictive;
    this.#shape = { targets, horizon };
  }

  after({ row, at, numbers }: Step): void {
    const { targets, horizon } = this.#shape;
    this.#predictive.expect(row, at + targets.length, { targets, horizon, numbers });
  }

  protected compare({ row }: Step, at: number, truth: Float64Array, unsure: Uint8Array): void {
    for (let t = 0; t < truth.length; t++) {
      const compared = unsure[t] === 0 && !Number.isNaN(truth[t]);
      this.distances[t] = compared ? this.#predictive.score(row, at, t, truth[t]!) : 0;
    }
  }
}

/** Throws `invalid-argument` for a model that gives no distribution. */
export function checkLevels({ description }: Model): void {
  if (description.levels.length >= 2) return;
  throw misfit('a forecaster with two quantile levels or more', 'model', `one with ${description.levels.length}`);
}
