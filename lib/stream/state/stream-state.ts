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
 * All that one live stream remembers, as a value: it can be copied, compared, taken back, written down and put back.
 * `forecast(model)` makes one for each subscription; hand one to `forecast` to keep it between subscriptions.
 */
export class StreamState {
  /** Metrics that count its samples, if there are any. */
  readonly metrics: StreamMetrics | undefined;
  readonly #model: Model;
  readonly #options: StreamOptions;
  readonly #states: StreamStates<LiveForecast>;
  #disposed = false;

  /**
   * A stream that has seen nothing; `metrics` counts what becomes of its samples. Throws `invalid-argument` for a
   * model, an option or metrics that are none.
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

  /** Steps taken since the start or the last reset: samples, and steps that were filled. */
  get samples(): number {
    return this.#states.memory.steps(0);
  }

  /** Samples left out since then, by the reason. */
  get skipped(): Skipped {
    return this.#states.skipped(0);
  }

  /** The source's own offset of the newest sample; undefined when it carried none. */
  get offset(): number | undefined {
    return this.#states.offset(0);
  }

  /**
   * Takes one sample and forecasts from it; undefined for one that makes no step: it is invalid and skipped, or by its
   * time comes twice, or too late, or cannot be believed yet.
   *
   * Throws `invalid-argument` for what is no sample at all, `invalid-sample` for an invalid one unless they are
   * skipped, and `disposed`. The state is then as it was before.
   */
  step(sample: Sample): LiveForecast | undefined {
    const states = this.#use();
    states.read(0, sample);
    if (!states.take(0, 0, 0)) return undefined;
    states.advance(1);
    return states.answer(0);
  }

  /** A second state that goes on from here on its own, uncounted. */
  fork(): StreamState {
    const states = this.#use();
    const copy = new StreamState(this.#model, this.#options);
    copy.#states.memory.copy(0, states.memory, 0);
    return copy;
  }

  /**
   * Whether the two remember the same, to the bit, whatever came late on the way. What `rewind` can reach does not
   * count, nor how evenly the samples came.
   */
  equals(other: StreamState): boolean {
    if (!isA(other, StreamState)) {
      throw misfit('a StreamState', 'the state to compare', other);
    }
    return this.#use().memory.equals(0, other.#use().memory, 0);
  }

  /**
   * All that the stream remembers, as bytes that bear a version, a checksum and the fingerprint of the model: restored,
   * it goes on with the same bits as if it had never stopped.
   */
  snapshot(): Uint8Array {
    return this.#use().memory.snapshot(0);
  }

  /**
   * Takes over a snapshot. Throws `invalid-file`, the state unchanged, for one that is damaged, of another model, or of
   * a stream with other options.
   */
  restore(snapshot: Uint8Array): void {
    this.#use().memory.restore(0, snapshot);
  }

  /**
   * As it was before the last `count` steps, of which a sample after a gap takes several. Throws `invalid-argument` for
   * more than `history` keeps.
   */
  rewind(count: number): void {
    this.#use().memory.rewind(0, count);
  }

  /** Forgets the stream, as if newly made. */
  reset(): void {
    this.#use().memory.reset(0);
  }

  /** Frees the memory now instead of when the garbage collector comes by. May be called twice. */
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
