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

/** The streams of a fleet of forecasts as one model has them. */
export type ForecastLineup = Lineup<LiveForecast, Model>;

/**
 * The streams of a fleet whose samples have the inputs `names`, for a model that takes all or some of them. Throws
 * `invalid-argument` for options that do not fit the model.
 */
export function forecastLineup(
  model: Model,
  names: readonly string[],
  options: StreamOptions,
  capacity: number,
  counters?: StreamCounters,
): ForecastLineup {
  const states = new StreamStates(forecastKind(model, optionsFor(model, options)), capacity, counters);
  return new Lineup(model, states, selectInputs(model, names));
}

/**
 * The streams of a fleet as one model has them, by number. A stream that has missed samples takes them when it is
 * needed.
 */
export class Lineup<Answer, M> {
  readonly model: M;
  readonly states: StreamStates<Answer>;
  readonly #select: (reading: Reading) => Reading;
  /** Of each stream, the number of the recent sample that it takes next. */
  #next: Float64Array;

  /** `select`: how to give a sample of the fleet to this model; the same for all when left out. */
  constructor(model: M, states: StreamStates<Answer>, select: (reading: Reading) => Reading = (reading) => reading) {
    this.model = model;
    this.states = states;
    this.#select = select;
    this.#next = new Float64Array(states.memory.capacity).fill(NOTHING);
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
