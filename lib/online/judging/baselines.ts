import { Last } from '../../baselines/last.ts';
import { Seasonal } from '../../baselines/seasonal.ts';
import { Smoothed } from '../../baselines/smoothed.ts';
import type { Part } from '../part.ts';

/** Forecasts that need no model: the last value, the value a season ago, and exponential smoothing. */
export const BASELINES = ['last', 'seasonal', 'smoothed'] as const;
export type Naive = (typeof BASELINES)[number];

/** What the baselines know of each target. Without a `season` [samples] the seasonal one is the last value. */
export class Baselines implements Part {
  readonly size: number;
  readonly #targets: number;
  readonly #last = new Last();
  readonly #smoothed: Smoothed;
  readonly #seasonal: Seasonal | undefined;
  /** Numbers of a target: those of the last value, of the smoothed one, and of the season. */
  readonly #each: number;

  /** `smoothing`, in (0, 1]: the share of the newest value in the smoothed one. */
  constructor(targets: number, season: number, smoothing: number) {
    this.#targets = targets;
    this.#smoothed = new Smoothed(smoothing);
    this.#seasonal = season > 0 ? new Seasonal(season) : undefined;
    this.#each = this.#last.size + this.#smoothed.size + (this.#seasonal?.size ?? 0);
    this.size = targets * this.#each;
  }

  reset(row: Float64Array, at: number): void {
    for (let target = 0; target < this.#targets; target++) {
      this.#last.reset(row, this.#lastAt(at, target));
      this.#smoothed.reset(row, this.#smoothedAt(at, target));
      this.#seasonal?.reset(row, this.#seasonalAt(at, target));
    }
  }

  /** Takes the next sample: one value for each target, NaN where missing. */
  observe(row: Float64Array, at: number, values: Float64Array): void {
    for (let target = 0; target < this.#targets; target++) {
      const value = values[target]!;
      this.#last.observe(row, this.#lastAt(at, target), value);
      this.#smoothed.observe(row, this.#smoothedAt(at, target), value);
      this.#seasonal?.observe(row, this.#seasonalAt(at, target), value);
    }
  }

  /**
   * Writes the forecasts of `target`, `step` samples ahead, into the row from `to` on, in the order of `BASELINES`; all
   * are NaN before the first value.
   */
  forecast(row: Float64Array, at: number, target: number, step: number, to: number): void {
    const last = this.#last.forecast(row, this.#lastAt(at, target), step);
    row[to] = last;
    row[to + 1] = this.#seasonal?.forecast(row, this.#seasonalAt(at, target), step) ?? last;
    row[to + 2] = this.#smoothed.forecast(row, this.#smoothedAt(at, target), step);
  }

  #lastAt(at: number, target: number): number {
    return at + target * this.#each;
  }

  #smoothedAt(at: number, target: number): number {
    return this.#lastAt(at, target) + this.#last.size;
  }

  #seasonalAt(at: number, target: number): number {
    return this.#smoothedAt(at, target) + this.#smoothed.size;
  }
}
