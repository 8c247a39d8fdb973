import { object, whole } from '../../base/schema.ts';
import type { WritableTrust } from '../live-forecast.ts';
import type { Part } from '../part.ts';
import type { Step } from '../step.ts';

export interface NoveltyOptions {
  /**
   * Samples over which the distance is averaged (default 8): a single odd reading is the business of `SensorHealth`.
   */
  samples?: number;
}

const checkOptions = object<NoveltyOptions>({ samples: whole(1, 1_000_000) }, ['samples']);

/** Keeps the square of a deviation finite. */
const FARTHEST = 1e100;

const SEEN = 0; // samples so far, up to those averaged
const DISTANCE = 1; // mean square of the scaled inputs, averaged

/**
 * How far the inputs are from what the model was trained on, as a number in [0, 1].
 *
 * The mean square q of the scaled inputs is averaged over the last samples, exponentially; the score is P(Z^2 <= q) of
 * a standard normal Z. For normal inputs 0.999 means that at most one training sample in a thousand is that far out,
 * however the inputs are correlated with each other and in time. The reason: of all quadratic forms of normal variables
 * with mean 1, Z^2 exceeds q most often, for every q > 1.54, that is for scores above 0.79: G. J. Szekely and N. K.
 * Bakirov, "Extremal probabilities for Gaussian quadratic forms", Probab. Theory Relat. Fields 126 (2003).
 *
 * It is not a Mahalanobis distance, because a model file holds no covariances and those of a live stream are not those
 * of the training data. So for independent inputs it may report less novelty than there is, never more.
 */
export class Novelty implements Part {
  readonly size = 2;
  readonly reportSize = 1;
  readonly #samples: number;

  /** Throws `invalid-argument` for wrong options. */
  constructor(options: NoveltyOptions = {}) {
    this.#samples = checkOptions(options, 'options').samples ?? 8;
  }

  reset(): void {}

  before(step: Step): void {
    this.update(step.row, step.at, step.scaled());
  }

  report({ row, at, report, reportAt }: Step): void {
    report[reportAt] = this.score(row, at);
  }

  trust(report: readonly number[], at: number, trust: WritableTrust): void {
    trust.novelty = report[at]!;
  }

  /**
   * Takes the scaled inputs of a sample. Values that are not finite are missing; a sample with no others changes
   * nothing.
   */
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
    return Math.max(0, 1 - 2 * upperTail(Math.sqrt(row[at + DISTANCE]!)));
  }
}

/**
 * P(Z > z) of a standard normal for z >= 0, within 1e-7: M. Abramowitz and I. A. Stegun, "Handbook of Mathematical
 * Functions", 26.2.17.
 */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
