import type { Part } from '../part.ts';

/** Share of the samples that make up the tail: as in Siffer et al. */
const SHARE = 0.02;
/** A peak teaches as at most this many times the mean peak: among exponential ones, one in 3,000 is larger. */
const LARGEST_LESSON = 8;

/**
 * How rare a score is among those of the stream so far: peaks over a threshold that is itself learned (Siffer et al.,
 * Anomaly detection in streams with extreme value theory, KDD 2017).
 *
 * The threshold u follows the 98% quantile by stochastic approximation. Beyond it P(score > s) is 0.02 exp(-(s - u) /
 * m), with m the mean peak: the light-tailed case of the generalised Pareto distribution, which fits scores that are
 * minus the logarithm of a density. Below u the probability falls geometrically from 1 at 0.
 *
 * In the row: scores seen, u, peaks seen, m.
 */
export class Tail implements Part {
  readonly size = 4;
  readonly #memory: number;

  /** Remembers about the last `memory` scores. */
  constructor(memory: number) {
    this.#memory = memory;
  }

  reset(row: Float64Array, at: number): void {
    row[at + 3] = 1;
  }

  /** -ln P(a score above this one), for a score >= 0. */
  rarity(row: Float64Array, at: number, score: number): number {
    const [u, mean] = [row[at + 1]!, row[at + 3]!];
    const edge = -Math.log(SHARE);
    return score > u ? edge + (score - u) / mean : (edge * score) / u || 0;
  }

  learn(row: Float64Array, at: number, score: number): void {
    const [u, mean] = [row[at + 1]!, row[at + 3]!];
    const above = score > u;
    const seen = Math.min(row[at]! + 1, this.#memory);
    row[at] = seen;
    if (above) {
      row[at + 2] = Math.min(row[at + 2]! + 1, SHARE * this.#memory);
      const lesson = Math.min(score - u, LARGEST_LESSON * mean);
      row[at + 3] = mean + (lesson - mean) / (row[at + 2]! + 1); // the 1 set at the start counts as a first peak
    }
    // The best step for a quantile is one over the density there, SHARE / m, counted over one peak's samples more:
    // otherwise the very first step would throw u so far up that it never comes down.
    const step = row[at + 3]! / SHARE / (seen + 1 / SHARE);
    row[at + 1] = Math.max(0, u + ((above ? 1 : 0) - SHARE) * step);
  }
}
