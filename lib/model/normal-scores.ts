import { normalQuantile } from '../base/normal.ts';

/**
 * A distribution that is known by some of its quantiles, as a function of normal scores: a value with the normal score
 * z is as rare as z in a standard normal distribution. Between two levels the values are linear in the normal score;
 * beyond the outermost ones they go on with the slope from the median to there. Of a normal distribution this is exact,
 * whatever the levels.
 *
 * The quantiles are those in `quantiles`, from index `from` on, `stride` apart.
 */
export class NormalScores {
  /** Of the levels. */
  readonly #scores: Float64Array;
  readonly #middle: number;

  /** Two or more levels, ascending, inside (0, 1). */
  constructor(levels: readonly number[]) {
    this.#scores = Float64Array.from(levels, normalQuantile);
    this.#middle = Math.floor((levels.length - 1) / 2);
  }

  /** The value with a normal score. */
  value(score: number, quantiles: ArrayLike<number>, from: number, stride: number): number {
    const last = this.#scores.length - 1;
    let [lower, upper] = [0, Math.max(1, this.#middle)];
    if (score > this.#scores[last]!) [lower, upper] = [Math.min(this.#middle, last - 1), last];
    else if (score >= this.#scores[0]!) {
      upper = 1;
      while (score > this.#scores[upper]!) upper++;
      lower = upper - 1;
    }
    const low = quantiles[from + lower * stride]!;
    const share = (score - this.#scores[lower]!) / (this.#scores[upper]! - this.#scores[lower]!);
    return low + share * (quantiles[from + upper * stride]! - low);
  }

  /** The normal score of a value, within +-`most`. */
  score(value: number, quantiles: ArrayLike<number>, from: number, stride: number, most: number): number {
    const last = this.#scores.length - 1;
    let [lower, upper] = [0, Math.max(1, this.#middle)];
    if (value > quantiles[from + last * stride]!) [lower, upper] = [Math.min(this.#middle, last - 1), last];
    else if (value >= quantiles[from]!) {
      upper = 1;
      while (value > quantiles[from + upper * stride]!) upper++;
      lower = upper - 1;
    }
    const width = quantiles[from + upper * stride]! - quantiles[from + lower * stride]!;
    const beyond = value - quantiles[from + lower * stride]!;
    const share = width > 0 ? beyond / width : Math.sign(beyond) * most;
    const score = this.#scores[lower]! + share * (this.#scores[upper]! - this.#scores[lower]!);
    return Math.min(Math.max(score, -most), most);
  }
}
