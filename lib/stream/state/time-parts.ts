import type { Part } from '../../online/part.ts';
import { StreamClock } from '../../online/time/clock.ts';
import { SampleLog } from '../../online/time/sample-log.ts';

/** What the parts for time need to know about a model and its stream. */
export interface Timing {
  readonly inputs: number;
  /** Time between samples [ms]; null if unknown. */
  readonly interval: number | null;
  /** As in `ClockOptions`. */
  readonly resetAfter: number | string | null;
  readonly lateness?: number | string | undefined;
  readonly resample?: boolean | undefined;
  readonly history?: number | undefined;
}

/** Counts, for each input, the values that the newest step is the mean of. */
class Refined implements Part {
  readonly size: number;

  constructor(inputs: number) {
    this.size = inputs;
  }

  reset(): void {}
}

/** The parts that find the step of a sample by its time, and that keep the samples for a replay of the last steps. */
export class TimeParts {
  readonly clock: StreamClock;
  /** Present if late samples are put in their place or samples refine their step. */
  readonly log: SampleLog | undefined;
  /** Present if samples refine their step. */
  readonly refined: Part | undefined;
  /** How many earlier states a stream has to keep. */
  readonly history: number;

  /** Throws `invalid-argument` as `StreamClock` does. */
  constructor({ inputs, interval, resetAfter, lateness = 0, resample = false, history = 0 }: Timing) {
    this.clock = new StreamClock({ interval, resetAfter, lateness, resample, history });
    const { depth } = this.clock;
    const replays = depth > 1 || resample;
    this.history = Math.max(history, replays ? depth : 0);
    if (replays) this.log = new SampleLog(inputs, depth, this.history);
    if (resample) this.refined = new Refined(inputs);
  }

  /** All of these parts, in the order of their numbers. */
  get all(): Part[] {
    return [this.clock, this.log, this.refined].filter((part) => part !== undefined);
  }
}
