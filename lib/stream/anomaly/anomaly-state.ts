import type { Model } from '../../model/model.ts';
import type { Sample } from '../../model/sample.ts';
import type { OnlineForecaster } from '../../online/learner/online-forecaster.ts';
import type { StreamCounters } from '../stream-counters.ts';
import { StreamStates } from '../state/stream-states.ts';
import { anomalyKind } from './anomaly-kind.ts';
import type { AnomalyOptions } from './anomaly-options.ts';
import type { Judgement } from './judgement.ts';

/** The state of one stream whose samples are judged. */
export class AnomalyState {
  readonly #states: StreamStates<Judgement>;

  /** Throws `invalid-argument` for a wrong model or option. */
  constructor(model: Model | OnlineForecaster, options: AnomalyOptions = {}, counters?: StreamCounters) {
    this.#states = new StreamStates(anomalyKind(model, options), 1, counters);
  }

  /**
   * Judges one sample. Returns undefined for a sample with neither a value of a target nor a flag, and for one that
   * makes no step. Throws as `StreamState.step` does.
   */
  step(sample: Sample): Judgement | undefined {
    this.#states.read(0, sample);
    if (!this.#states.take(0, 0, 0)) return undefined;
    this.#states.advance(1);
    return this.#states.answer(0);
  }

  snapshot(): Uint8Array {
    return this.#states.memory.snapshot(0);
  }

  /** Restores a snapshot. Throws `invalid-file` for a snapshot that does not fit; the state is then unchanged. */
  restore(snapshot: Uint8Array): void {
    this.#states.memory.restore(0, snapshot);
  }

  /** Frees the memory of its states. May be called twice. */
  dispose(): void {
    this.#states.memory.dispose();
  }
}
