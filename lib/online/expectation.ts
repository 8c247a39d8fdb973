import type { Sample } from '../model/sample.ts';

/** What is expected of a stream's next sample, and how the sample then compares. */
export interface Expectation {
  /** Names of the values that are expected. */
  readonly targets: readonly string[];
  /** Of the last sample taken: its time [ms since the epoch], the targets' values, ... */
  readonly at: number | undefined;
  readonly values: Float64Array;
  /** ... and how far each lay from what was expected, in deviations; 0 where nothing was. */
  readonly distances: Float64Array;
  /** Invalid samples left out so far. */
  readonly skipped: number;
  /** Compares a sample with what was expected, and expects the next; false for an invalid one, which is left out. */
  take(sample: Sample): boolean;
  dispose(): void;
}
