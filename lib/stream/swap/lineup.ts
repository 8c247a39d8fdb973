import type { Model } from '../../model/model.ts';
import type { Sample } from '../../model/sample.ts';
import type { Reading, RecentSamples } from './recent-samples.ts';
import { invalidLike, selectInputs } from './select-inputs.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import type { StreamCounters } from '../stream-counters.ts';
import type { StreamOptions } from '../state/stream-options.ts';
import { forecastKind } from '../state/forecast-kind.ts';
import { StreamStates } from '../state/stream-states.ts';
import { optionsFor } from './swap-options.ts';

/** A stream that has taken nothing of its key. */
const NOTHING = -1;

/**
 * The streams of a fleet as one model has them, by number. A stream that has missed samples takes them when it is
 * needed.
 */
export class Lineup {
  readonly model: Model;
  readonly states: StreamStates<LiveForecast>;
  readonly options: StreamOptions;
  readonly #select: (reading: Reading) => Reading;
  /** Of each stream, the number of the recent sample that it takes next. */
  #next: Float64Array;

  /** `names`: the inputs in a sample. Throws `invalid-argument` for options that do not fit the model. */
  constructor(
    model: Model,
    names: readonly string[],
    options: StreamOptions,
    capacity: number,
    counters?: StreamCounters,
  ) {
    this.options = optionsFor(model, options);
    this.model = model;
    this.states = new StreamStates(forecastKind(model, this.options), capacity, counters);
    this.#select = selectInputs(model, names);
    this.#next = new Float64Array(capacity).fill(NOTHING);
  }

  get capacity(): number {
    return this.#next.length;
  }

  /**
   * Reads a sample as number n, and `reading`, the same in the order of the inputs, or undefined for an invalid one.
   */
  read(n: number, sample: Sample, reading: Reading | undefined): void {
    this.states.read(n, reading === undefined ? invalidLike(sample) : this.#select(reading));
  }

  /** How many of the samples of a stream it has yet to take; one more than are kept if it is to be warmed on those. */
  missed(stream: number, recent: RecentSamples): number {
    return Math.min(recent.count - this.#next[stream]!, recent.kept + 1);
  }

  /** Says so. */
  setMissed(stream: number, recent: RecentSamples, missed: number): void {
    this.#next[stream] = recent.count - missed;
  }

  /** The stream has nothing of its key, however many samples that has. */
  forget(stream: number): void {
    this.#next[stream] = NOTHING;
  }

  /** Takes the samples that a stream has missed; anew, all that are kept, where it has missed more. */
  catchUp(stream: number, recent: RecentSamples): void {
    let missed = this.missed(stream, recent);
    if (missed > recent.kept) {
      this.states.memory.reset(stream);
      missed = recent.kept;
    }
    for (; missed > 0; missed--) this.states.follow(stream, this.#select(recent.read(recent.count - missed)));
    this.setMissed(stream, recent, 0);
  }

  /** Makes room for more streams; nothing may be taken and not yet forecast. */
  grow(capacity: number): void {
    this.states.grow(capacity);
    const next = new Float64Array(capacity).fill(NOTHING);
    next.set(this.#next);
    this.#next = next;
  }

  dispose(): void {
    this.states.memory.dispose();
  }
}
