import type { Model } from '../../model/model.ts';
import { isInvalidSample } from '../../model/model-state.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import type { Reading } from './recent-samples.ts';
import { selectInputs } from './select-inputs.ts';
import type { StreamOptions } from '../state/stream-options.ts';
import { StreamState } from '../state/stream-state.ts';
import { optionsFor } from './swap-options.ts';

/** One model's own state of a stream whose samples may have more inputs than it takes. */
export class Follower {
  readonly model: Model;
  readonly state: StreamState;
  readonly #select: (reading: Reading) => Reading;

  /** `names`: the inputs in a sample. Throws `invalid-argument` for options that do not fit the model. */
  constructor(model: Model, names: readonly string[], options: StreamOptions) {
    this.model = model;
    this.state = new StreamState(model, optionsFor(model, options));
    this.#select = selectInputs(model, names);
  }

  /** As `StreamState.step`. */
  step(reading: Reading): LiveForecast | undefined {
    return this.state.step(this.#select(reading));
  }

  /** The same for a model that does not answer: what is invalid for it alone is no error. */
  follow(reading: Reading): LiveForecast | undefined {
    try {
      return this.step(reading);
    } catch (error) {
      if (isInvalidSample(error)) return undefined;
      throw error;
    }
  }
}
