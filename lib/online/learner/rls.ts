import type { Part } from '../part.ts';

export interface RlsOptions {
  /** Length of a feature vector; a feature that is always 1 gives an intercept. */
  features: number;
  outputs: number;
  /**
   * Factor by which the weight of the past shrinks at each update, in (0, 1]: about 1 / (1 - forgetting) updates are
   * remembered.
   */
  forgetting: number;
  /** Weight of "all weights are zero" against the data, > 0, in squared units of a feature. */
  ridge: number;
}

/**
 * Recursive least squares: several linear outputs of the same features, learned one sample at a time.
 *
 * Gives the weights w that minimise `sum forgetting^age * (target - w.x)^2 + ridge * |w|^2`, for each output. The
 * covariance P, the inverse of the weighted sum of x x' plus the ridge, is shared by all outputs. It is kept as U D U',
 * U unit upper triangular, D diagonal and positive (Bierman, Factorization Methods for Discrete Sequential Estimation,
 * 1977, chapter V): rounding can make it neither asymmetric nor indefinite, however long it runs.
 *
 * Forgetting alone lets P grow without bound in every direction that the features do not excite. So the ridge is
 * renewed as fast as it is forgotten (Gay, Dynamically regularized fast RLS with application to echo cancellation,
 * ICASSP 1996): each update also brings one coordinate, in turn, back to its ridge. The trace of P then never exceeds
 * `features / (ridge * forgetting^features)`, and what the features do excite is followed as fast after months as on
 * the first day.
 *
 * In the row: weights [outputs][features]; U with D on its diagonal, column by column; the coordinate whose turn it is.
 */
export class Rls implements Part {
  readonly size: number;
  readonly #options: Readonly<RlsOptions>;
  readonly #covariance: number;
  readonly #turn: number;
  /** Weight at which a coordinate's ridge is renewed: as much as was forgotten since its last turn. */
  readonly #renewal: number;
  readonly #unit: Float64Array;
  readonly #zeros: Float64Array;
  readonly #gain: Float64Array;
  readonly #rotated: Float64Array;

  constructor(options: RlsOptions) {
    const { features, outputs, forgetting, ridge } = options;
    this.#options = { ...options };
    this.#covariance = outputs * features;
    this.#turn = this.#covariance + (features * (features + 1)) / 2;
    this.size = this.#turn + 1;
    this.#renewal = Math.sqrt(ridge * (1 - forgetting ** features));
    this.#unit = new Float64Array(features);
    this.#zeros = new Float64Array(outputs);
    this.#gain = new Float64Array(features);
    this.#rotated = new Float64Array(features);
  }

  reset(row: Float64Array, at: number): void {
    const { features, ridge } = this.#options;
    for (let j = 0; j < features; j++) row[at + this.#covariance + column(j) + j] = 1 / ridge;
  }

  /** Writes the outputs for features `x` into `out`. */
  predict(row: Float64Array, at: number, x: Float64Array, out: Float64Array): void {
    const { features, outputs } = this.#options;
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let i = 0; i < features; i++) sum += row[at + o * features + i]! * x[i]!;
      out[o] = sum;
    }
  }

  /**
   * Learns that features `x` gave `targets`. An output whose target is NaN is skipped; everything else must be finite.
   */
  update(row: Float64Array, at: number, x: Float64Array, targets: Float64Array): void {
    const { features, forgetting } = this.#options;
    if (targets.every(Number.isNaN)) return;
    this.#learn(row, at, x, targets, targets);
    if (forgetting === 1) return;
    for (let j = 0; j < features; j++) row[at + this.#covariance + column(j) + j]! /= forgetting;
    const turn = row[at + this.#turn]!;
    this.#unit.fill(0);
    this.#unit[turn] = this.#renewal;
    this.#learn(row, at, this.#unit, this.#zeros, targets);
    row[at + this.#turn] = (turn + 1) % features;
  }

  /** One least-squares update towards `targets`, for the outputs whose number in `mask` is not NaN. */
  #learn(row: Float64Array, at: number, x: Float64Array, targets: Float64Array, mask: Float64Array): void {
    const { features, outputs } = this.#options;
    const scale = this.#factor(row, at + this.#covariance, x);
    for (let o = 0; o < outputs; o++) {
      if (Number.isNaN(mask[o])) continue;
      const weights = at + o * features;
      let error = targets[o]!;
      for (let i = 0; i < features; i++) error -= row[weights + i]! * x[i]!;
      error /= scale;
      for (let i = 0; i < features; i++) row[weights + i]! += this.#gain[i]! * error;
    }
  }

  /** Updates U and D with x, leaves P x (with P from before) in the gain and returns 1 + x'P x: Bierman's update. */
  #factor(row: Float64Array, at: number, x: Float64Array): number {
    const { features } = this.#options;
    const [gain, rotated] = [this.#gain, this.#rotated];
    for (let j = 0; j < features; j++) {
      const u = at + column(j);
      let sum = x[j]!; // element of U'x, with U from before this update
      for (let i = 0; i < j; i++) sum += row[u + i]! * x[i]!;
      rotated[j] = sum;
    }
    let before = 1;
    for (let j = 0; j < features; j++) {
      const f = rotated[j]!;
      gain[j] = 0;
      if (f === 0) continue; // nothing to add, as for all coordinates before the one being renewed
      const u = at + column(j);
      const v = row[u + j]! * f;
      const after = before + f * v;
      row[u + j]! *= before / after;
      const lean = -f / before;
      for (let i = 0; i < j; i++) {
        const old = row[u + i]!;
        row[u + i] = old + gain[i]! * lean;
        gain[i]! += old * v;
      }
      gain[j] = v;
      before = after;
    }
    return before;
  }
}

/** Offset of column j of a packed upper triangle. */
function column(j: number): number {
  return (j * (j + 1)) / 2;
}
