import { clamp, FARTHEST } from './clamp.ts';
import type { Part } from '../part.ts';

/** A number further than so many deviations from the mean teaches no more than one at that many. */
const LARGEST_LESSON = 4;
/** Numbers until mean and deviation are trusted for that. */
const FIRST_LESSONS = 30;
/** Differences within this share of the mean are rounding. */
const RESOLUTION = 1e-12;

/**
 * Mean and deviation of a number over a stream: of all so far, then of about the last `memory` of them.
 *
 * In the row: how many, at most `memory`; mean; population variance.
 */
export class Moments implements Part {
  readonly size = 3;
  readonly #memory: number;

  constructor(memory: number) {
    this.#memory = memory;
  }

  reset(): void {} // nothing seen is all zeros

  /** Exponential forgetting; exact mean and population variance until `memory` numbers have come (West, CACM 1979). */
  add(row: Float64Array, at: number, value: number): void {
    const count = Math.min(row[at]! + 1, this.#memory);
    const change = value - row[at + 1]!;
    row[at] = count;
    row[at + 1]! += change / count;
    row[at + 2] = (1 - 1 / count) * (row[at + 2]! + (change * change) / count);
  }

  /** What is to be learned of `value`: itself, or the nearest that is not so far out that it would drown all others. */
  lesson(row: Float64Array, at: number, value: number): number {
    const deviation = this.deviation(row, at);
    if (row[at]! < FIRST_LESSONS || deviation === 0) return value;
    return row[at + 1]! + clamp(value - row[at + 1]!, LARGEST_LESSON * deviation);
  }

  /** Population deviation; 0 while all numbers were the same but for rounding. */
  deviation(row: Float64Array, at: number): number {
    const deviation = Math.sqrt(row[at + 2]!);
    return deviation > RESOLUTION * Math.abs(row[at + 1]!) ? deviation : 0;
  }

  /**
   * How many deviations `value` is from the mean, within +-1e6; 0 before there are two numbers. Where all were the same
   * and this is not, it is +-1e6.
   */
  standardise(row: Float64Array, at: number, value: number): number {
    const mean = row[at + 1]!;
    if (row[at]! < 2 || Math.abs(value - mean) <= RESOLUTION * Math.abs(mean)) return 0;
    return clamp((value - mean) / this.deviation(row, at), FARTHEST);
  }
}
