import type { Forecaster } from '../../model/forecaster.ts';
import type { Sample } from '../../model/sample.ts';
import type { OrderedSample, RecentSamples } from './recent-samples.ts';
import { invalidLike, selectInputs } from './select-inputs.ts';
import type { StreamCounters } from '../stream-counters.ts';
import type { StreamOptions } from '../state/stream-options.ts';
import { StreamStates } from '../state/stream-states.ts';
import { optionsFor } from './swap-options.ts';

/** A stream that has taken none of its key's samples. */
const NOTHING = -1;

/** The streams of a fleet in one model, by number. A stream that has missed samples takes them when it is needed. */
export class Lineup {
  readonly states: StreamStates;
  readonly options: StreamOptions;
  readonly #select: (reading: OrderedSample) => OrderedSample;
  /** Per stream, the number of the recent sample that it takes next. */
  #next: Float64Array;

  /** `names`: the inputs of a sample. Throws `invalid-argument` for options that do not fit the model. */
  constructor(
    model: Forecaster,
    names: readonly string[],
    options: StreamOptions,
    capacity: number,
    counters?: StreamCounters,
  ) {
    this.options = optionsFor(model, options);
    this.states = new StreamStates(model, this.options, capacity, counters);
    this.#select = selectInputs(model, names);
    this.#next = new Float64Array(capacity).fill(NOTHING);
  }

  get model(): Forecaster {
    return this.states.model;
  }

  get capacity(): number {
    return this.#next.length;
  }

  /**
   * Reads a sample as number n. `reading` is the same sample in the order of the inputs, undefined for an invalid one.
   */
  read(n: number, sample: Sample, reading: OrderedSample | undefined): void {
    this.states.read(n, reading === undefined ? invalidLike(sample) : this.#select(reading));
  }

  /** How many samples a stream has yet to take; one more than are kept if it must be warmed on those. */
  missed(stream: number, recent: RecentSamples): number {
    return Math.min(recent.count - this.#next[stream]!, recent.kept + 1);
  }

  /** Sets the number of samples that a stream has missed. */
  setMissed(stream: number, recent: RecentSamples, missed: number): void {
    this.#next[stream] = recent.count - missed;
  }

  /** The stream has to start afresh, however many samples its key has. */
  forget(stream: number): void {
    this.#next[stream] = NOTHING;
  }

  /**
   * Takes the samples that a stream has missed; if it has missed more than are kept, resets it and takes all that are
   * kept.
   */
  catchUp(stream: number, recent: RecentSamples): void {
    let missed = this.missed(stream, recent);
    if (missed > recent.kept) {
      this.states.memory.reset(stream);
      missed = recent.kept;
    }
    for (; missed > 0; missed--) this.states.follow(stream, this.#select(recent.read(recent.count - missed)));
    this.setMissed(stream, recent, 0);
  }

  /** Makes room for more streams; there must be no sample that was taken and not yet forecast. */
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
