import type { Model } from '../../model/model.ts';
import { isInvalidSample } from '../../model/model-state.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import type { OrderedSample } from './recent-samples.ts';
import { selectInputs } from './select-inputs.ts';
import type { StreamOptions } from '../state/stream-options.ts';
import { StreamState } from '../state/stream-state.ts';
import { optionsFor } from './swap-options.ts';

/** One model's own state of a stream whose samples may have more inputs than the model takes. */
export class Follower<M extends Model = Model> {
  readonly model: M;
  readonly state: StreamState;
  readonly #select: (reading: OrderedSample) => OrderedSample;

  /** `names`: the inputs of a sample. Throws `invalid-argument` for options that do not fit the model. */
  constructor(model: M, names: readonly string[], options: StreamOptions) {
    this.model = model;
    this.state = new StreamState(model, optionsFor(model, options));
    this.#select = selectInputs(model, names);
  }

  /** See `StreamState.step`. */
  step(reading: OrderedSample): LiveForecast | undefined {
    return this.state.step(this.#select(reading));
  }

  /** Takes a sample for a model that does not answer: a sample that is invalid for this model only is not an error. */
  follow(reading: OrderedSample): LiveForecast | undefined {
    try {
      return this.step(reading);
    } catch (error) {
      if (isInvalidSample(error)) return undefined;
      throw error;
    }
  }
}
