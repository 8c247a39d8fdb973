/**
 * How a forecast is made that needs no training, of one target alone. What it remembers are numbers in a row, from `at`
 * on, so that the row can be copied, stored and put back.
 */
export interface Rule {
  /** What it is called, with its parameters: 'seasonal(24)'. */
  readonly name: string;
  /** Numbers that it keeps. */
  readonly size: number;
  /** Samples until its forecasts are as good as they get. */
  readonly warmup: number;
  /** As for a target that has had no value. */
  reset(row: Float64Array, at: number): void;
  /** Takes the next sample: a finite number, or NaN for a missing value. */
  observe(row: Float64Array, at: number, value: number): void;
  /** What the target will be `step` samples after the newest, from 1 on; NaN before the first value. */
  forecast(row: Float64Array, at: number, step: number): number;
}
