import type { Rule } from './rule.ts';

// The numbers.
const FIRST = 0; // the first value
const LAST = 1; // the last value
const BETWEEN = 2; // samples from the first value to the last
const SINCE = 3; // samples after the last value, all with missing values

/** The line from the first value through the last, continued. */
export class Drift implements Rule {
  readonly name = 'drift';
  readonly size = 4;
  readonly warmup = 2;

  reset(row: Float64Array, at: number): void {
    row.fill(Number.NaN, at, at + BETWEEN);
    row.fill(0, at + BETWEEN, at + this.size);
  }

  observe(row: Float64Array, at: number, value: number): void {
    const begins = Number.isNaN(row[at + FIRST]!);
    if (Number.isNaN(value)) {
      if (!begins) row[at + SINCE]! += 1;
      return;
    }
    if (begins) row[at + FIRST] = value;
    else row[at + BETWEEN]! += row[at + SINCE]! + 1;
    row[at + SINCE] = 0;
    row[at + LAST] = value;
  }

  forecast(row: Float64Array, at: number, step: number): number {
    const [first, last, between] = [row[at + FIRST]!, row[at + LAST]!, row[at + BETWEEN]!];
    return between === 0 ? last : last + ((last - first) / between) * (row[at + SINCE]! + step);
  }
}
