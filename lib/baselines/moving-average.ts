import { whole } from '../base/schema.ts';
import type { Rule } from './rule.ts';

const checkWindow = whole(1, 1_000_000);

// The numbers: these, then the values of the window, as a ring; NaN for a missing value.
const NEWEST = 0; // index of the newest value in the ring
const MEAN = 1;
const RING = 2;

/** The mean of the last values, at all steps. */
export class MovingAverage implements Rule {
  readonly name: string;
  readonly size: number;
  readonly warmup: number;
  readonly #window: number;

  /** `window`: samples, 1 to 1,000,000. Throws `invalid-argument`. */
  constructor(window: number) {
    this.#window = checkWindow(window, 'the window');
    this.name = `movingAverage(${window})`;
    this.size = RING + window;
    this.warmup = window;
  }

  reset(row: Float64Array, at: number): void {
    row[at + NEWEST] = 0;
    row.fill(Number.NaN, at + MEAN, at + this.size);
  }

  observe(row: Float64Array, at: number, value: number): void {
    const newest = row[at + NEWEST]! + 1 < this.#window ? row[at + NEWEST]! + 1 : 0;
    row[at + NEWEST] = newest;
    row[at + RING + newest] = value;
    // A running sum would keep the rounding errors of all earlier values.
    let [sum, count] = [0, 0];
    for (let i = at + RING; i < at + this.size; i++) {
      if (Number.isNaN(row[i]!)) continue;
      sum += row[i]!;
      count++;
    }
    if (count > 0) row[at + MEAN] = sum / count;
  }

  forecast(row: Float64Array, at: number, _step: number): number {
    return row[at + MEAN]!;
  }
}
