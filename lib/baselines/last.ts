import type { Rule } from './rule.ts';

/** The last value, for ever. */
export class Last implements Rule {
  readonly name = 'last';
  readonly size = 1;
  readonly warmup = 1;

  reset(row: Float64Array, at: number): void {
    row[at] = Number.NaN;
  }

  observe(row: Float64Array, at: number, value: number): void {
    if (!Number.isNaN(value)) row[at] = value;
  }

  forecast(row: Float64Array, at: number, _step: number): number {
    return row[at]!;
  }
}
