/** Beyond this the continued fraction converges faster. */
const FAR = 3;
const FRACTIONS = 60;

/**
 * The upper tail of the standard normal distribution, P(Z > z), with a relative error below 1e-12 wherever it is not 0.
 *
 * Near the middle by the series of Marsaglia (Evaluating the normal distribution, Journal of Statistical Software,
 * 2004): P(0 < Z < x) = density(x) (x + x^3 / 3 + x^5 / (3 * 5) + ...). Far out by Laplace's continued fraction:
 * P(Z > x) = density(x) / (x + 1 / (x + 2 / (x + 3 / ...))).
 */
export function upperTail(z: number): number {
  const x = Math.abs(z);
  const tail = x < FAR ? 0.5 - density(x) * series(x) : density(x) / continuedFraction(x);
  return z >= 0 ? tail : 1 - tail;
}

/** The z with P(Z <= z) = p, 0 < p < 1, by Newton's method on the logarithm of the tail: not for the hot path. */
export function normalQuantile(p: number): number {
  const tail = Math.min(p, 1 - p);
  let z = Math.sqrt(-2 * Math.log(tail)); // a little beyond the answer
  for (let i = 0; i < 50; i++) {
    const q = upperTail(z);
    const step = ((Math.log(q) - Math.log(tail)) * q) / density(z);
    z += step;
    if (Math.abs(step) < 1e-12) break;
  }
  return p < 0.5 ? -z : z;
}

/** The density of the standard normal distribution. */
export function density(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

function series(x: number): number {
  let term = x;
  let sum = 0;
  for (let odd = 3; sum + term !== sum; odd += 2) {
    sum += term;
    term *= (x * x) / odd;
  }
  return sum;
}

function continuedFraction(x: number): number {
  let fraction = x;
  for (let k = FRACTIONS; k > 0; k--) fraction = x + k / fraction;
  return fraction;
}
