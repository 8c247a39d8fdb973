import { GatecastError } from '../errors.ts';
import type { Forecaster } from '../model/forecaster.ts';
import type { Sample } from '../model/sample.ts';
import { Fleet } from './fleet.ts';
import type { LiveForecast } from './live-forecast.ts';
import type { StreamOptions } from './stream-options.ts';

/** Why a stream ended before its samples did. */
export interface ReplayFailure {
  /** Which sample it could not take, from 1. */
  readonly sample: number;
  readonly message: string;
}

/** More keys than a recording has. */
const MOST_STREAMS = 2 ** 24;

/** Runs the samples of a recording through a model, with a state for each key. */
export class ReplayRun {
  readonly #fleet: Fleet<string | undefined>;
  samples = 0;
  forecasts = 0;
  corrections = 0;
  /** Set when a sample ended the stream, as `onInvalid: 'error'` has it: there are no forecasts after it. */
  failure: ReplayFailure | undefined;

  /** `state`: a snapshot from which the stream without a key goes on. Throws `invalid-file` where it does not fit. */
  constructor(model: Forecaster, options: StreamOptions, state: Uint8Array | undefined) {
    this.#fleet = new Fleet(model, options, MOST_STREAMS);
    if (state === undefined) return;
    try {
      this.#fleet.states.memory.restore(this.#fleet.open(undefined, 0), state);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  step(sample: Sample, key: string | undefined): LiveForecast | undefined {
    this.samples++;
    if (this.failure) return undefined;
    try {
      const stream = this.#fleet.find(key) ?? this.#fleet.open(key, 0);
      const { states } = this.#fleet;
      if (!states.take(0, stream, sample)) return undefined;
      states.advance(1);
      const forecast = states.forecast(0);
      this.forecasts++;
      if (forecast.kind === 'correction') this.corrections++;
      return forecast;
    } catch (error) {
      if (!(error instanceof GatecastError)) throw error;
      this.failure = { sample: this.samples, message: error.message };
      return undefined;
    }
  }

  dispose(): void {
    this.#fleet.dispose();
  }
}
