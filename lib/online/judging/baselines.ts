import { Last } from '../../baselines/last.ts';
import { Seasonal } from '../../baselines/seasonal.ts';
import { Smoothed } from '../../baselines/smoothed.ts';
import type { Part } from '../part.ts';

/** Forecasts that need no model: the last value, the value a season ago, and exponential smoothing. */
export const BASELINES = ['last', 'seasonal', 'smoothed'] as const;
export type Naive = (typeof BASELINES)[number];

// The numbers of a target.
const LAST = 0;
const SMOOTHED = 1;
const SEASON = 2; // and on

/** The memory of the baselines, per target. Without a `season` [samples] the seasonal baseline is the last value. */
export class Baselines implements Part {
  readonly size: number;
  readonly #targets: number;
  readonly #last = new Last();
  readonly #smoothed: Smoothed;
  readonly #seasonal: Seasonal | undefined;
  /** Numbers of a target. */
  readonly #each: number;

  /** `smoothing`, in (0, 1]: the share of the newest value in the smoothed value. */
  constructor(targets: number, season: number, smoothing: number) {
    this.#targets = targets;
    this.#smoothed = new Smoothed(smoothing);
    this.#seasonal = season > 0 ? new Seasonal(season) : undefined;
    this.#each = SEASON + (this.#seasonal?.size ?? 0);
    this.size = targets * this.#each;
  }

  reset(row: Float64Array, at: number): void {
    for (let target = 0; target < this.#targets; target++) {
      const from = at + target * this.#each;
      this.#last.reset(row, from + LAST);
      this.#smoothed.reset(row, from + SMOOTHED);
      this.#seasonal?.reset(row, from + SEASON);
    }
  }

  /** Takes the next sample: one value for each target, NaN where missing. */
  observe(row: Float64Array, at: number, values: Float64Array): void {
    for (let target = 0; target < this.#targets; target++) {
      const from = at + target * this.#each;
      const value = values[target]!;
      this.#last.observe(row, from + LAST, value);
      this.#smoothed.observe(row, from + SMOOTHED, value);
      this.#seasonal?.observe(row, from + SEASON, value);
    }
  }

  /**
   * Writes the forecasts of `target`, `step` samples ahead, into the row from `to` on, in the order of `BASELINES`; all
   * are NaN before the first value.
   */
  forecast(row: Float64Array, at: number, target: number, step: number, to: number): void {
    const from = at + target * this.#each;
    const last = this.#last.forecast(row, from + LAST, step);
    row[to] = last;
    row[to + 1] = this.#seasonal === undefined ? last : this.#seasonal.forecast(row, from + SEASON, step);
    row[to + 2] = this.#smoothed.forecast(row, from + SMOOTHED, step);
  }
}
