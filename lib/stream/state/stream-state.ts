import { GatecastError, misfit } from '../../base/errors.ts';
import { checkModel, type Model } from '../../model/model.ts';
import type { Sample } from '../../model/sample.ts';
import type { Skipped } from '../../model/skipped.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { StreamMetrics } from '../../metrics/stream-metrics.ts';
import { StreamCounters } from '../stream-counters.ts';
import { checkStreamOptions, type StreamOptions } from './stream-options.ts';
import { forecastKind } from './forecast-kind.ts';
import { StreamStates } from './stream-states.ts';
import { isA } from '../../base/values.ts';

/**
 * All that one live stream remembers, as a value that can be copied, compared, rewound, saved and restored.
 * `forecast(model)` makes one for each subscription. Pass one to `forecast` to keep it between subscriptions.
 */
export class StreamState {
  /** The metrics that count its samples, if any. */
  readonly metrics: StreamMetrics | undefined;
  readonly #model: Model;
  readonly #options: StreamOptions;
  readonly #states: StreamStates<LiveForecast>;
  #disposed = false;

  /**
   * Makes the state of a new stream. `metrics` counts the outcomes of its samples. Throws `invalid-argument` for a
   * wrong model, option or `metrics`.
   */
  constructor(model: Model, options: StreamOptions = {}, metrics?: StreamMetrics) {
    checkModel(model);
    if (metrics !== undefined && !isA(metrics, StreamMetrics)) {
      throw misfit('StreamMetrics', 'metrics', metrics);
    }
    this.metrics = metrics;
    this.#model = model;
    this.#options = checkStreamOptions(options, 'options');
    const counters = metrics && new StreamCounters(metrics);
    this.#states = new StreamStates(forecastKind(model, this.#options), 1, counters);
  }

  /** Steps taken since the start or the last reset: samples and filled steps. */
  get samples(): number {
    return this.#states.memory.steps(0);
  }

  /** Samples left out since the start or the last reset, by the reason. */
  get skipped(): Skipped {
    return this.#states.skipped(0);
  }

  /** The source's offset of the newest sample; undefined if it had none. */
  get offset(): number | undefined {
    return this.#states.offset(0);
  }

  /**
   * Takes one sample and forecasts from it. Returns undefined for a sample that makes no step: it was invalid and
   * skipped, or its time is a duplicate, too late, or too far ahead to be accepted yet.
   *
   * Throws `invalid-argument` for a value that is not a sample at all, `invalid-sample` for an invalid one unless they
   * are skipped, and `disposed`. The state is then unchanged.
   */
  step(sample: Sample): LiveForecast | undefined {
    const states = this.#use();
    states.read(0, sample);
    if (!states.take(0, 0, 0)) return undefined;
    states.advance(1);
    return states.answer(0);
  }

  /** A copy that continues from here independently, without metrics. */
  fork(): StreamState {
    const states = this.#use();
    const copy = new StreamState(this.#model, this.#options);
    copy.#states.memory.copy(0, states.memory, 0);
    return copy;
  }

  /**
   * True if both remember the same, to the bit, even if samples came late on the way. The reach of `rewind` and the
   * spacing of the samples do not count.
   */
  equals(other: StreamState): boolean {
    if (!isA(other, StreamState)) {
      throw misfit('a StreamState', 'the state to compare', other);
    }
    return this.#use().memory.equals(0, other.#use().memory, 0);
  }

  /**
   * All that the stream remembers, as bytes with a version, a checksum and the fingerprint of the model. A restored
   * stream continues with the same bits as if it had never stopped.
   */
  snapshot(): Uint8Array {
    return this.#use().memory.snapshot(0);
  }

  /**
   * Restores a snapshot. Throws `invalid-file` for a snapshot that is damaged, of another model, or of a stream with
   * other options; the state is then unchanged.
   */
  restore(snapshot: Uint8Array): void {
    this.#use().memory.restore(0, snapshot);
  }

  /**
   * Takes the stream back to before its last `count` steps. A sample after a gap takes several steps. Throws
   * `invalid-argument` for more steps than `history` keeps.
   */
  rewind(count: number): void {
    this.#use().memory.rewind(0, count);
  }

  /** Forgets all samples, as if newly made. */
  reset(): void {
    this.#use().memory.reset(0);
  }

  /** Frees the memory now, not when the garbage collector runs. May be called twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#states.memory.dispose();
  }

  #use(): StreamStates<LiveForecast> {
    if (this.#disposed) throw new GatecastError('disposed', 'Expected a state in use but received a disposed one.');
    return this.#states;
  }
}
