import { logGamma } from './log-gamma.ts';

/** Most terms of the continued fraction. It needs about the square root of the larger parameter. */
const MOST = 100_000;
const LEAST = 1e-300;

/**
 * The regularised incomplete beta function I_x(a, b) for 0 <= x <= 1 and its complement 1 - I_x(a, b), each with a
 * small relative error: the continued fraction (DLMF 8.17.22) on the side on which it converges fast, evaluated by
 * Lentz's method as Thompson and Barnett (1986) changed it. `rest` is 1 - x, which the caller may know more exactly.
 */
export function incompleteBeta(x: number, rest: number, a: number, b: number): { lower: number; upper: number } {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (rest <= 0) return { lower: 1, upper: 0 };
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(rest));
  if (x < (a + 1) / (a + b + 2)) {
    const lower = (front * fraction(x, a, b)) / a;
    return { lower, upper: 1 - lower };
  }
  const upper = (front * fraction(rest, b, a)) / b;
  return { lower: 1 - upper, upper };
}

function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / apart(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < MOST; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / apart(1 + even * d);
    c = apart(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / apart(1 + odd * d);
    c = apart(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return value;
}

/** A number that can be divided by. */
function apart(value: number): number {
  return Math.abs(value) < LEAST ? LEAST : value;
}
