import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from '../../lib/metrics/histogram.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const filled = (times: readonly number[]) => {
  const histogram = new Histogram();
  for (const time of times) histogram.record(time);
  return histogram;
};

/** Whole times over all orders of magnitude. */
const times = fc.array(
  fc.tuple(fc.nat(53), fc.double({ min: 0, max: 1, noNaN: true })).map(([bits, share]) => {
    return Math.min(Math.floor(share * 2 ** bits), Number.MAX_SAFE_INTEGER);
  }),
  { minLength: 1, maxLength: 200 },
);

test('quantiles are at most 1/64 above those of the sorted times, and never below', () => {
  fc.assert(
    fc.property(times, fc.double({ min: 0, max: 1, noNaN: true }), (list, q) => {
      const sorted = list.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(0, Math.ceil(q * list.length) - 1)]!;
      const quantile = filled(list).quantile(q);
      expect(quantile).toBeGreaterThanOrEqual(exact);
      expect(quantile).toBeLessThanOrEqual(exact * (1 + 1 / 64));
    }),
    { numRuns: 1000 },
  );
});

test('count and longest are exact, whatever the time', () => {
  fc.assert(
    fc.property(times, (list) => {
      const histogram = filled(list);
      expect(histogram.count).toBe(list.length);
      expect(histogram.max).toBe(Math.max(...list));
      expect(histogram.quantile(1)).toBe(histogram.max);
    }),
  );
});

test('by hand: the times 1 to 100 ns', () => {
  const histogram = filled(Array.from({ length: 100 }, (_, i) => i + 1));
  expect([0, 0.01, 0.5, 0.505, 0.99, 1].map((q) => histogram.quantile(q))).toEqual([1, 1, 50, 51, 99, 100]);
  expect([histogram.count, histogram.mean, histogram.max]).toEqual([100, 50.5, 100]);
});

test('each power of two has a bucket of its own and its neighbours', () => {
  for (let bits = 7; bits < 53; bits++) {
    const power = 2 ** bits;
    const below = filled([power - 1, Number.MAX_SAFE_INTEGER]).quantile(0.5);
    const from = filled([power, Number.MAX_SAFE_INTEGER]).quantile(0.5);
    expect([below, from]).toEqual([power - 1, power + power / 64 - 1]);
  }
});

test('merging is recording all times in one', () => {
  fc.assert(
    fc.property(times, times, (some, others) => {
      const merged = filled(some);
      merged.merge(filled(others));
      const whole = filled([...some, ...others]);
      const ask = (h: Histogram) => [h.count, h.max, ...[0, 0.1, 0.5, 0.9, 0.999].map((q) => h.quantile(q))];
      expect(ask(merged)).toEqual(ask(whole));
    }),
  );
});

test('a value that is not a time counts as 0, and one that is too long as the longest', () => {
  const histogram = filled([Number.NaN, -5, -0, Number.NEGATIVE_INFINITY]);
  expect([histogram.count, histogram.max, histogram.quantile(1)]).toEqual([4, 0, 0]);
  expect(filled([Number.POSITIVE_INFINITY]).max).toBe(Number.MAX_SAFE_INTEGER);
  expect(filled([2.9]).quantile(0.5)).toBe(2);
});

test('an empty one, new or reset, has no quantiles', () => {
  const histogram = filled([3, 1e9]);
  histogram.reset();
  for (const empty of [histogram, new Histogram()]) {
    expect([empty.count, empty.max, empty.mean, empty.quantile(0.5)]).toEqual([0, 0, Number.NaN, Number.NaN]);
  }
});

test.each([-0.1, 1.1, Number.NaN, '0.5', undefined])('refuses %s as a share', (q) => {
  expect(() => filled([1]).quantile(q as never)).toThrow(gatecastError('invalid-argument', /share/));
});
