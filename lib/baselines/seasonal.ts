import { whole } from '../base/schema.ts';
import type { Rule } from './rule.ts';

const checkPeriod = whole(1, 1_000_000);

// The numbers: these, then the values of the last period, as a ring; NaN for a missing value.
const NEWEST = 0; // index of the newest value in the ring
const LAST = 1;
const RING = 2;

/** The value one period before; the last value if that one is missing. */
export class Seasonal implements Rule {
  readonly name: string;
  readonly size: number;
  readonly warmup: number;
  readonly #period: number;

  /** `period`: samples, 1 to 1,000,000. Throws `invalid-argument`. */
  constructor(period: number) {
    this.#period = checkPeriod(period, 'the period');
    this.name = `seasonal(${period})`;
    this.size = RING + period;
    this.warmup = period;
  }

  reset(row: Float64Array, at: number): void {
    row[at + NEWEST] = 0;
    row.fill(Number.NaN, at + LAST, at + this.size);
  }

  observe(row: Float64Array, at: number, value: number): void {
    const newest = row[at + NEWEST]! + 1 < this.#period ? row[at + NEWEST]! + 1 : 0;
    row[at + NEWEST] = newest;
    row[at + RING + newest] = value;
    if (!Number.isNaN(value)) row[at + LAST] = value;
  }

  forecast(row: Float64Array, at: number, step: number): number {
    const before = row[at + RING + ((row[at + NEWEST]! + step) % this.#period)]!;
    return Number.isNaN(before) ? row[at + LAST]! : before;
  }
}
