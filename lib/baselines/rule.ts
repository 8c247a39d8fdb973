/**
 * A rule that forecasts one target from its own values. Its memory is numbers in a row, from index `at` on, so that the
 * row can be copied, stored and restored.
 */
export interface Rule {
  /** Its name with the parameters that a user knows it by: 'seasonal(24)'. */
  readonly name: string;
  /** Further numbers that its forecasts depend on, such as fitted parameters; left out for none. */
  readonly weights?: Float64Array;
  /** How many numbers it keeps. */
  readonly size: number;
  /** Samples that it needs for its full accuracy. */
  readonly warmup: number;
  /** Writes the state of a target without any value yet. */
  reset(row: Float64Array, at: number): void;
  /** Takes the next sample: a finite number, or NaN for a missing value. */
  observe(row: Float64Array, at: number, value: number): void;
  /** The forecast of the target `step` >= 1 samples after the newest; NaN before the first value. */
  forecast(row: Float64Array, at: number, step: number): number;
}
