/**
 * How to forecast one target without training. Its memory is numbers in a row, from `at` on, so that the row can be
 * copied, stored and restored.
 */
export interface Rule {
  /** Its name with its parameters: 'seasonal(24)'. */
  readonly name: string;
  /** How many numbers it keeps. */
  readonly size: number;
  /** Samples until its forecasts are as good as they get. */
  readonly warmup: number;
  /** The state of a target that has had no value. */
  reset(row: Float64Array, at: number): void;
  /** Takes the next sample: a finite number, or NaN for a missing value. */
  observe(row: Float64Array, at: number, value: number): void;
  /** What the target will be `step` samples after the newest, from 1 on; NaN before the first value. */
  forecast(row: Float64Array, at: number, step: number): number;
}
