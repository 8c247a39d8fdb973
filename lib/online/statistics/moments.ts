import { clamp, FARTHEST } from './clamp.ts';
import type { Part } from '../part.ts';

/** A number further than this many deviations from the mean teaches no more than one at that distance. */
const LARGEST_LESSON = 4;
/** How many numbers must have come before mean and deviation are trusted for that. */
const FIRST_LESSONS = 30;
/** Differences below this share of the mean are rounding. */
const RESOLUTION = 1e-12;

/**
 * Mean and deviation of the numbers of a stream: of all at first, later of about the last `memory`.
 *
 * In the row: how many, at most `memory`; mean; population variance.
 */
export class Moments implements Part {
  readonly size = 3;
  readonly #memory: number;

  constructor(memory: number) {
    this.#memory = memory;
  }

  reset(): void {} // the initial state is all zeros

  /** Exponential forgetting; exact mean and population variance until there are `memory` numbers (West, CACM 1979). */
  add(row: Float64Array, at: number, value: number): void {
    const count = Math.min(row[at]! + 1, this.#memory);
    const change = value - row[at + 1]!;
    row[at] = count;
    row[at + 1]! += change / count;
    row[at + 2] = (1 - 1 / count) * (row[at + 2]! + (change * change) / count);
  }

  /** What to learn from `value`: the value itself or, for an outlier, the nearest that does not drown all others. */
  lesson(row: Float64Array, at: number, value: number): number {
    const deviation = this.deviation(row, at);
    if (row[at]! < FIRST_LESSONS || deviation === 0) return value;
    return row[at + 1]! + clamp(value - row[at + 1]!, LARGEST_LESSON * deviation);
  }

  /** Population deviation; 0 if all numbers were equal up to rounding. */
  deviation(row: Float64Array, at: number): number {
    const deviation = Math.sqrt(row[at + 2]!);
    return deviation > RESOLUTION * Math.abs(row[at + 1]!) ? deviation : 0;
  }

  /**
   * How many deviations `value` is from the mean, within +-1e6; 0 before there are two numbers. If all numbers were
   * equal and this one differs, it is +-1e6.
   */
  standardise(row: Float64Array, at: number, value: number): number {
    const mean = row[at + 1]!;
    if (row[at]! < 2 || Math.abs(value - mean) <= RESOLUTION * Math.abs(mean)) return 0;
    return clamp((value - mean) / this.deviation(row, at), FARTHEST);
  }
}
