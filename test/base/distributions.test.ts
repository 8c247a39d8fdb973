import { expect, test } from 'vitest';
import { incompleteBeta } from '../../lib/base/incomplete-beta.ts';
import { logGamma } from '../../lib/base/log-gamma.ts';
import { countQuantile, countsUpTo } from '../../lib/base/negative-binomial.ts';
import { normalQuantile } from '../../lib/base/normal.ts';
import { studentQuantile, studentTail } from '../../lib/base/student-t.ts';

const student = (p: number, freedom: number) => studentQuantile(p, normalQuantile(p), freedom);
const count = (p: number, mean: number, alpha: number) => countQuantile(p, normalQuantile(p), mean, alpha);

test('the logarithm of the gamma function is that of factorials, and of the root of pi', () => {
  let sum = 0;
  for (let n = 1; n < 60; sum += Math.log(n++)) expect(logGamma(n)).toBeCloseTo(sum, 11);
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 14);
});

test('the incomplete beta function is a sum of binomial probabilities for whole parameters', () => {
  for (const x of [0, 0.01, 0.3, 0.5, 0.99, 1]) {
    for (const [a, b] of [
      [1, 1],
      [3, 5],
      [12, 2],
    ] as const) {
      let sum = 0; // of at least a successes in a + b - 1 trials
      const trials = a + b - 1;
      for (let k = a; k <= trials; k++) {
        const ways = Math.exp(logGamma(trials + 1) - logGamma(k + 1) - logGamma(trials - k + 1));
        sum += ways * x ** k * (1 - x) ** (trials - k);
      }
      const { lower, upper } = incompleteBeta(x, 1 - x, a, b);
      expect(lower).toBeCloseTo(sum, 12);
      expect(lower + upper).toBeCloseTo(1, 14);
    }
  }
});

test("the quantiles of Student's t distribution are those of published tables", () => {
  // Abramowitz and Stegun, 1964, table 26.10
  for (const [p, freedom, t] of [
    [0.6, 3, 0.277],
    [0.9, 2, 1.886],
    [0.95, 5, 2.015],
    [0.975, 10, 2.228],
    [0.995, 30, 2.75],
    [0.9995, 4, 8.61],
  ] as const) {
    expect(student(p, freedom)).toBeCloseTo(t, 2);
    expect(student(1 - p, freedom)).toBeCloseTo(-student(p, freedom), 9);
  }
  // its closed form for two degrees of freedom
  for (const p of [0.501, 0.7, 0.99, 0.999999]) {
    expect(student(p, 2) / ((2 * p - 1) / Math.sqrt(2 * p * (1 - p)))).toBeCloseTo(1, 9);
  }
  for (const freedom of [2, 2.3, 7, 300, 1e4]) {
    for (const p of [1e-6, 0.01, 0.49999, 0.5, 0.7, 0.999]) {
      const t = student(p, freedom);
      expect(t < 0 ? studentTail(-t, freedom) : 1 - studentTail(t, freedom)).toBeCloseTo(p, 12);
    }
  }
});

test('the quantiles of a negative binomial distribution are those of the sum of its probabilities', () => {
  for (const mean of [0.01, 0.7, 5, 60]) {
    for (const alpha of [1e-4, 0.3, 4]) {
      let chance = Math.exp(-Math.log1p(alpha * mean) / alpha); // of 0
      let sum = 0;
      for (let k = 0; k < 400; k++) {
        const before = sum;
        sum += chance;
        expect(countsUpTo(k, mean, alpha)).toBeCloseTo(sum, 10);
        for (const p of [0.001, 0.05, 0.5, 0.95]) {
          if (before < p - 1e-9 && sum > p + 1e-9) expect(count(p, mean, alpha)).toBe(k);
        }
        chance *= ((k + 1 / alpha) / (k + 1)) * ((alpha * mean) / (1 + alpha * mean));
      }
    }
  }
});

test('the quantiles of counts of any size are found', () => {
  for (const mean of [1e-6, 1e3, 1e6, 1e12, 1e15, 3e38]) {
    for (const alpha of [1e-4, 1, 1e6, 3e38]) {
      const [low, middle, high] = [0.05, 0.5, 0.95].map((p) => count(p, mean, alpha));
      expect(low).toBeGreaterThanOrEqual(0);
      expect(middle).toBeGreaterThanOrEqual(low!);
      expect(high).toBeGreaterThanOrEqual(middle!);
      expect(Number.isFinite(high)).toBe(true);
    }
  }
});
