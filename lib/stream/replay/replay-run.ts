import { GatecastError } from '../../base/errors.ts';
import type { Model } from '../../model/model.ts';
import type { Sample } from '../../model/sample.ts';
import { type Skipped, skippedOf } from '../../model/skipped.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { StreamMetrics } from '../../metrics/stream-metrics.ts';
import { StreamCounters } from '../stream-counters.ts';
import type { StreamOptions } from '../state/stream-options.ts';
import { forecastKind } from '../state/forecast-kind.ts';
import { StreamStates } from '../state/stream-states.ts';

/** Why a stream ended before its samples did. */
export interface ReplayFailure {
  /** Which sample it could not take, from 1. */
  readonly sample: number;
  readonly message: string;
}

/** Runs the samples of a recording through a model, with a state for each key. */
export class ReplayRun {
  readonly #metrics = new StreamMetrics();
  readonly #states: StreamStates<LiveForecast>;
  /** The number of each stream among the states. */
  readonly #streams = new Map<string | undefined, number>();
  samples = 0;
  forecasts = 0;
  corrections = 0;
  /** Set when a sample ended the stream, as `onInvalid: 'error'` has it: there are no forecasts after it. */
  failure: ReplayFailure | undefined;

  /** `state`: a snapshot from which the stream without a key goes on. Throws `invalid-file` where it does not fit. */
  constructor(model: Model, options: StreamOptions, state: Uint8Array | undefined) {
    this.#states = new StreamStates(forecastKind(model, options), 1, new StreamCounters(this.#metrics));
    if (state === undefined) return;
    try {
      this.#states.memory.restore(this.#open(undefined), state);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  step(sample: Sample, key: string | undefined): LiveForecast | undefined {
    this.samples++;
    if (this.failure) return undefined;
    try {
      const stream = this.#streams.get(key) ?? this.#open(key);
      this.#states.read(0, sample);
      if (!this.#states.take(0, stream, 0)) return undefined;
      this.#states.advance(1);
      const forecast = this.#states.answer(0);
      if (forecast === undefined) return undefined;
      this.forecasts++;
      if (forecast.kind === 'correction') this.corrections++;
      return forecast;
    } catch (error) {
      if (!(error instanceof GatecastError)) throw error;
      this.failure = { sample: this.samples, message: error.message };
      return undefined;
    }
  }

  /** Samples that were left out, by the reason. */
  get skipped(): Skipped {
    const count = (reason: keyof Skipped) => this.#metrics.counter(`skipped:${reason}`).value;
    return skippedOf(count('invalid'), count('duplicate'), count('late'), count('unbelieved'));
  }

  dispose(): void {
    this.#states.memory.dispose();
  }

  #open(key: string | undefined): number {
    const stream = this.#streams.size;
    if (stream === this.#states.memory.capacity) this.#states.grow(2 * stream);
    this.#streams.set(key, stream);
    return stream;
  }
}
