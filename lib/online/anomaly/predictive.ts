import { FARTHEST } from '../statistics/clamp.ts';
import { NormalScores } from '../../model/normal-scores.ts';
import type { Part } from '../part.ts';

/** The numbers of a forecast, [1 + levels][targets][horizon]. */
interface ForecastNumbers {
  readonly targets: readonly string[];
  readonly horizon: number;
  readonly numbers: ArrayLike<number>;
}

/**
 * The last forecast of the next sample, and how far the sample then is from it: its normal score, the number of
 * deviations at which a normal value is as rare, as `NormalScores` reads it from the forecast's quantiles.
 *
 * In the row: the quantiles [targets][levels].
 */
export class Predictive implements Part {
  readonly size: number;
  readonly #levels: number;
  readonly #scores: NormalScores;

  /** Two or more levels, ascending, inside (0, 1). */
  constructor(targets: number, levels: readonly number[]) {
    this.size = targets * levels.length;
    this.#levels = levels.length;
    this.#scores = new NormalScores(levels);
  }

  reset(): void {} // a flat forecast of zero: nothing is scored before the first forecast

  /** Keeps the first step of a forecast. */
  expect(row: Float64Array, at: number, { targets, horizon, numbers }: ForecastNumbers): void {
    for (let l = 0; l < this.#levels; l++) {
      for (let t = 0; t < targets.length; t++) {
        row[at + t * this.#levels + l] = numbers[((1 + l) * targets.length + t) * horizon]!;
      }
    }
  }

  /** The normal score of `value`, within +-1e6, under the kept forecast. */
  score(row: Float64Array, at: number, target: number, value: number): number {
    return this.#scores.score(value, row, at + target * this.#levels, 1, FARTHEST);
  }
}
