import { clamp, FARTHEST } from '../statistics/clamp.ts';
import { normalQuantile } from '../statistics/normal.ts';
import type { Part } from '../part.ts';

/** The numbers of a forecast, [1 + levels][targets][horizon]. */
interface ForecastNumbers {
  readonly targets: readonly string[];
  readonly horizon: number;
  readonly numbers: ArrayLike<number>;
}

/**
 * What the last forecast said of the sample to come, and how far out the sample then lies: its normal score, the number
 * of deviations out at which a normal value is as rare. Read off the forecast's quantiles: between two levels
 * linear in the normal score, beyond the outermost as steep as from the median to there.
 *
 * In the row: the quantiles [targets][levels].
 */
export class Predictive implements Part {
  readonly size: number;
  readonly #scores: Float64Array;
  readonly #middle: number;

  /** Two levels or more, ascending, inside (0, 1). */
  constructor(targets: number, levels: readonly number[]) {
    this.size = targets * levels.length;
    this.#scores = Float64Array.from(levels, normalQuantile);
    this.#middle = Math.floor((levels.length - 1) / 2);
  }

  reset(): void {} // a flat forecast of zero: nothing is scored before the first forecast

  /** Keeps the first step of a forecast. */
  expect(row: Float64Array, at: number, { targets, horizon, numbers }: ForecastNumbers): void {
    const levels = this.#scores.length;
    for (let l = 0; l < levels; l++) {
      for (let t = 0; t < targets.length; t++) {
        row[at + t * levels + l] = numbers[((1 + l) * targets.length + t) * horizon]!;
      }
    }
  }

  /** The normal score of `value`, within +-1e6, under the forecast kept. */
  score(row: Float64Array, at: number, target: number, value: number): number {
    const last = this.#scores.length - 1;
    const first = at + target * this.#scores.length;
    let [lower, upper] = [0, Math.max(1, this.#middle)];
    if (value > row[first + last]!) [lower, upper] = [Math.min(this.#middle, last - 1), last];
    else if (value >= row[first]!) {
      upper = 1;
      while (value > row[first + upper]!) upper++;
      lower = upper - 1;
    }
    const width = row[first + upper]! - row[first + lower]!;
    const beyond = value - row[first + lower]!;
    const share = width > 0 ? beyond / width : Math.sign(beyond) * FARTHEST;
    return clamp(this.#scores[lower]! + share * (this.#scores[upper]! - this.#scores[lower]!), FARTHEST);
  }
}
