import type { Part } from '../part.ts';

/** Forecasts that need no model: the last value, the value a season ago, and exponential smoothing. */
export const BASELINES = ['last', 'seasonal', 'smoothed'] as const;
export type Baseline = (typeof BASELINES)[number];

/** The memory of the baselines, per target. Without a `season` [samples] the seasonal baseline is the last value. */
export class Baselines implements Part {
  readonly size: number;
  readonly #targets: number;
  readonly #season: number;
  readonly #smoothing: number;

  /** `smoothing`, in (0, 1]: the share of the newest value in the smoothed value. */
  constructor(targets: number, season: number, smoothing: number) {
    this.#targets = targets;
    this.#season = season;
    this.#smoothing = smoothing;
    this.size = 1 + targets * (2 + season);
  }

  /** NaN stands for a value that is missing or not seen yet. */
  reset(row: Float64Array, at: number): void {
    row.fill(Number.NaN, at + 1, at + this.size);
  }

  /** Takes the next sample: one value for each target, NaN where missing. */
  observe(row: Float64Array, at: number, values: Float64Array): void {
    const newest = row[at]! + 1 < this.#season ? row[at]! + 1 : 0;
    row[at] = newest;
    for (let target = 0; target < this.#targets; target++) {
      const value = values[target]!;
      const last = this.#last(at, target);
      if (this.#season > 0) row[last + 2 + newest] = value;
      if (!Number.isFinite(value)) continue;
      row[last] = value;
      const smoothed = row[last + 1]!;
      // Both products are finite; the difference of two finite numbers need not be.
      row[last + 1] = Number.isNaN(smoothed) ? value : this.#smoothing * value + (1 - this.#smoothing) * smoothed;
    }
  }

  /**
   * Writes the forecasts of `target`, `step` samples ahead, into the row from `to` on, in the order of `BASELINES`; all
   * are NaN before the first value.
   */
  forecast(row: Float64Array, at: number, target: number, step: number, to: number): void {
    const last = this.#last(at, target);
    row[to] = row[last]!;
    row[to + 1] = row[last]!;
    row[to + 2] = row[last + 1]!;
    if (this.#season === 0) return;
    const seasonal = row[last + 2 + ((row[at]! + step) % this.#season)]!; // a season before the step forecast
    if (Number.isFinite(seasonal)) row[to + 1] = seasonal;
  }

  /** Index of the last value of a target; its smoothed value and its last season follow. */
  #last(at: number, target: number): number {
    return at + 1 + target * (2 + this.#season);
  }
}
