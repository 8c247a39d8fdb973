import { logGamma } from '../base/log-gamma.ts';
import { countsUpTo } from '../base/negative-binomial.ts';
import { density, upperTail } from '../base/normal.ts';
import { studentTail } from '../base/student-t.ts';

/** A family of distributions whose CRPS has a closed form. `crps` documents the formulas. */
export interface ScoredFamily {
  /** The names of its parameters, each with a number that it must exceed. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Of the distribution with these parameters, in the order of their names. */
  crps(truth: number, parameters: ArrayLike<number>): number;
}

/** By the loss with which a forecaster learns them. */
export const families: Readonly<Record<string, ScoredFamily>> = {
  gaussian: {
    parameters: { mean: -Infinity, deviation: 0 },
    crps: (truth, of) => of[1]! * normalCrps((truth - of[0]!) / of[1]!),
  },
  'student-t': {
    parameters: { location: -Infinity, scale: 0, freedom: 1 },
    crps: (truth, of) => of[1]! * studentCrps((truth - of[0]!) / of[1]!, of[2]!),
  },
  'negative-binomial': {
    parameters: { mean: 0, alpha: 0 },
    crps: (truth, of) => countCrps(truth, of[0]!, of[1]!),
  },
};

function normalCrps(z: number): number {
  return z * (1 - 2 * upperTail(z)) + 2 * density(z) - 1 / Math.sqrt(Math.PI);
}

/** Needs more than one degree of freedom: else it is infinite. */
function studentCrps(z: number, freedom: number): number {
  const logBeta = (a: number, b: number) => logGamma(a) + logGamma(b) - logGamma(a + b);
  const one = logBeta(0.5, freedom / 2);
  const densityAt = Math.exp(-0.5 * (freedom + 1) * Math.log1p((z * z) / freedom) - one) / Math.sqrt(freedom);
  const spread = 2 * Math.sqrt(freedom) * Math.exp(logBeta(0.5, freedom - 0.5) - 2 * one);
  const inside = 1 - 2 * studentTail(Math.abs(z), freedom);
  return Math.abs(z) * inside + (2 * densityAt * (freedom + z * z) - spread) / (freedom - 1);
}

/** The counts have variance mean + alpha * mean^2. */
function countCrps(truth: number, mean: number, alpha: number): number {
  const k = Math.floor(truth);
  const size = 1 / alpha;
  // the distribution of size + 1 failures, with the same probability
  const below = countsUpTo(k - 1, (size + 1) * alpha * mean, 1 / (size + 1));
  const distance = truth * (2 * countsUpTo(k, mean, alpha) - 1) - mean * (2 * below - 1);
  return distance - halfSpread(mean, alpha);
}

/** Between the points of the trapezoidal rule, which here converges exponentially: an error below 1e-16. */
const WIDTH = 1 / 8;
const NEGLIGIBLE = 1e-17;

/**
 * Half the mean distance of two counts: the variance times 2F1(size + 1, 1/2; 2; 1 - z), with z = (1 + 2 alpha mean)^2.
 * By Euler's integral (DLMF 15.6.1) at t = w^2 / (1 + w^2) and w = e^s, 2F1 is 4 / pi times the integral over all s of
 * w (1 + w^2)^(size - 1) (1 + z w^2)^-(size + 1).
 */
function halfSpread(mean: number, alpha: number): number {
  const size = 1 / alpha;
  const z = (1 + 2 * alpha * mean) ** 2;
  const middle = -0.5 * Math.log(z * (size + 1));
  const term = (s: number) => {
    const square = Math.exp(2 * s);
    return Math.exp(s + (size - 1) * Math.log1p(square) - (size + 1) * Math.log1p(z * square));
  };
  let sum = term(middle);
  for (const side of [-WIDTH, WIDTH]) {
    for (let i = 1, next = sum; next > NEGLIGIBLE * sum; i++) sum += next = term(middle + i * side);
  }
  return (mean * (1 + alpha * mean) * 4 * WIDTH * sum) / Math.PI;
}
