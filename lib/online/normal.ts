/**
 * The upper tail of the standard normal distribution, P(Z > z), with a relative error below 1.2e-7 however far out:
 * the Chebyshev fit of erfc of Press et al., Numerical Recipes, 2nd edition, section 6.2.
 */
export function upperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  let sum = 0;
  for (let i = COEFFICIENTS.length - 1; i >= 0; i--) sum = sum * t + COEFFICIENTS[i]!;
  const tail = (t / 2) * Math.exp(sum - x * x);
  return z >= 0 ? tail : 1 - tail;
}

const COEFFICIENTS = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
];

/** The z with P(Z <= z) = p, 0 < p < 1, by Newton's method on the logarithm of the tail: not for the hot path. */
export function normalQuantile(p: number): number {
  const tail = Math.min(p, 1 - p);
  let z = Math.sqrt(-2 * Math.log(tail)); // a little beyond the answer
  for (let i = 0; i < 50; i++) {
    const q = upperTail(z);
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const step = ((Math.log(q) - Math.log(tail)) * q) / density;
    z += step;
    if (Math.abs(step) < 1e-9) break;
  }
  return p < 0.5 ? -z : z;
}
