import { number, record, whole } from '../model/schema.ts';
import type { Part } from './part.ts';

export interface NoveltyOptions {
  /** Samples over which the distance is averaged (default 8): a single odd reading is the business of the sensors' health. */
  samples?: number;
  /**
   * Degrees of freedom of the inputs together, from 1 (all move as one, the default) to their number (independent): for
   * inputs with correlations r, inputs^2 / sum of all r^2.
   */
  freedom?: number;
}

const MOST = 65_536;

const checkOptions = record<NoveltyOptions>({ samples: whole(1, 1_000_000), freedom: number(1, MOST) }, [
  'samples',
  'freedom',
]);

/** So that the square of a deviation stays finite. */
const FARTHEST = 1e100;

const SEEN = 0; // samples so far, up to those averaged
const DISTANCE = 1; // mean square of the scaled inputs, averaged

/**
 * How far the inputs are from what the model was trained on, as a number in [0, 1].
 *
 * The mean square q of the scaled inputs is averaged over the last samples, exponentially, and read as a chi-square of
 * `freedom` degrees divided by them; the score is the probability of a smaller one, by the transformation of E. B.
 * Wilson and M. M. Hilferty, "The distribution of chi-square", PNAS 17 (1931). So for normal inputs 0.999 means: of
 * training samples, at most one in a thousand is that far out.
 *
 * It is no Mahalanobis distance, because a model file holds no covariances and those of a live stream are not the
 * training's. With `freedom` 1 none are needed: of all normal inputs with these deviations, however correlated with
 * each other and in time, those that move as one are far out most often, for scores above 0.79 (G. J. Szekely and N. K.
 * Bakirov, "Extremal probabilities for Gaussian quadratic forms", Probab. Theory Relat. Fields 126 (2003)).
 */
export class Novelty implements Part {
  readonly size = 2;
  readonly #samples: number;
  readonly #freedom: number;

  /** Throws `invalid-argument` for wrong options. */
  constructor(options: NoveltyOptions = {}) {
    const { samples = 8, freedom = 1 } = checkOptions(options, 'options');
    this.#samples = samples;
    this.#freedom = freedom;
  }

  reset(): void {}

  /** Takes the scaled inputs of a sample; what is not finite is missing and left out, a sample of nothing else changes nothing. */
  update(row: Float64Array, at: number, scaled: ArrayLike<number>): void {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < scaled.length; i++) {
      if (!Number.isFinite(scaled[i])) continue;
      const z = Math.min(Math.abs(scaled[i]!), FARTHEST);
      sum += z * z;
      count++;
    }
    if (count === 0) return;
    const seen = Math.min(row[at + SEEN]! + 1, this.#samples);
    row[at + SEEN] = seen;
    row[at + DISTANCE]! += (sum / count - row[at + DISTANCE]!) / seen;
  }

  /** The score now; 0 before the first sample. */
  score(row: Float64Array, at: number): number {
    if (row[at + SEEN] === 0) return 0;
    const spread = 2 / (9 * this.#freedom);
    return normalShare((Math.cbrt(row[at + DISTANCE]!) - 1 + spread) / Math.sqrt(spread));
  }
}

/** P(Z <= z) of a standard normal, within 1e-7: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.2.17. */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
  return z < 0 ? upper : 1 - upper;
}
