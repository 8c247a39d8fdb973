import { incompleteBeta } from './incomplete-beta.ts';
import { logGamma } from './log-gamma.ts';

/** Counts beyond this are not told exactly. */
const MOST = 2 ** 40;

/**
 * P(Y <= k) of a negative binomial distribution with variance mean + alpha * mean^2, for a whole k: I_x(1 / alpha, k +
 * 1) with x = 1 / (1 + alpha * mean).
 */
export function countsUpTo(k: number, mean: number, alpha: number): number {
  if (k < 0) return 0;
  const sum = 1 + alpha * mean;
  return incompleteBeta(1 / sum, (alpha * mean) / sum, 1 / alpha, k + 1).lower;
}

/**
 * The least whole k with P(Y <= k) >= p, 0 < p < 1, given z, the quantile p of the standard normal distribution. It
 * begins at the expansion of Cornish and Fisher to the skewness, and goes on by Newton's method, every third time by
 * halving, between two counts of which the answer is the upper one at last. For a mean beyond 2^40 it is that of
 * a normal distribution, rounded; no other count is beyond it.
 */
export function countQuantile(p: number, z: number, mean: number, alpha: number): number {
  const sum = 1 + alpha * mean;
  const deviation = Math.sqrt(mean * sum);
  if (mean > MOST) return Math.max(0, Math.round(mean + deviation * z));
  const guess = Math.max(0, Math.round(mean + deviation * z + ((1 + 2 * alpha * mean) * (z * z - 1)) / 6));
  let below = -1; // P(Y <= below) < p
  let above = Infinity; // P(Y <= above) >= p
  for (let k = Math.min(guess, MOST), i = 1; ; i++) {
    const reached = countsUpTo(k, mean, alpha);
    if (reached >= p) above = k;
    else below = k;
    if (above - below <= 1 || below === MOST) return Math.min(above, MOST);
    const step = Math.round((p - reached) / chance(k, mean, alpha));
    const next = k + (reached >= p ? Math.min(-1, step) : Math.max(1, step));
    if (i % 3 > 0 && next > below && next < above && next <= MOST) k = next;
    else k = above === Infinity ? Math.min(2 * k + 1, MOST) : Math.floor((below + above) / 2);
  }
}

/** P(Y = k) */
function chance(k: number, mean: number, alpha: number): number {
  const r = 1 / alpha;
  const product = alpha * mean;
  return Math.exp(
    logGamma(k + r) - logGamma(k + 1) - logGamma(r) - (r + k) * Math.log1p(product) + k * Math.log(product),
  );
}
