import { describe, expect, test } from 'vitest';
import { Adwin } from '../../lib/online/statistics/adwin.ts';
import { createRandom } from '../../lib/base/random.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { anyNumber, keepsItsMemoryInTheRow } from './contract.ts';

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** By how much the means on both sides of a cut exceed the bound of Bifet and Gavalda, section 3.2: drift when above 0. */
function excess(window: readonly number[], cut: number, delta: number): number {
  const center = mean(window);
  const variance = mean(window.map((x) => (x - center) ** 2));
  const m = 1 / (1 / cut + 1 / (window.length - cut));
  const log = Math.log(2 / (delta / Math.log(window.length)));
  const bound = Math.sqrt((2 / m) * variance * log) + (2 / (3 * m)) * log;
  return Math.abs(mean(window.slice(0, cut)) - mean(window.slice(cut))) - bound;
}

function cuts(window: readonly number[]): number[] {
  return Array.from({ length: Math.max(0, window.length - 1) }, (_, i) => i + 1);
}

/** ADWIN2 on lists of lists of values, with everything recomputed: the lengths of the window. */
function plainLengths(values: readonly number[], delta: number): number[] {
  let buckets: number[][] = []; // the oldest first
  return values.map((value) => {
    buckets.push([value]);
    for (let size = 1; buckets.filter((bucket) => bucket.length === size).length > 5; size *= 2) {
      const oldest = buckets.findIndex((bucket) => bucket.length === size);
      buckets.splice(oldest, 2, [...buckets[oldest]!, ...buckets[oldest + 1]!]);
    }
    const differs = () => {
      let cut = 0;
      return buckets.some((bucket) => {
        cut += bucket.length;
        return cuts(buckets.flat()).includes(cut) && excess(buckets.flat(), cut, delta) > 0;
      });
    };
    while (differs()) buckets = buckets.slice(1);
    return buckets.flat().length;
  });
}

/** Zeros and ones with a probability that changes at the given places. */
function bits(seed: number, parts: readonly (readonly [length: number, probability: number])[]): number[] {
  const random = createRandom(seed);
  return parts.flatMap(([length, probability]) => Array.from({ length }, () => Number(random() < probability)));
}

function run(window: Adwin, values: readonly number[]): { drift: boolean; count: number; mean: number }[] {
  const row = new Float64Array(window.size);
  return values.map((value) => {
    const drift = window.update(row, 0, value);
    return { drift, count: window.count(row, 0), mean: window.mean(row, 0) };
  });
}

describe('Adwin', () => {
  const contracted = new Adwin({ delta: 0.5 });
  keepsItsMemoryInTheRow(contracted, anyNumber, (row, at, value) => [
    contracted.update(row, at, value),
    contracted.count(row, at),
    contracted.mean(row, at),
  ]);

  test('keeps the window that plain lists keep', () => {
    for (const seed of [1, 2, 3]) {
      const values = bits(seed, [
        [60, 0.1],
        [50, 0.9],
        [80, 0.4],
        [40, 0.9],
      ]);
      const actual = run(new Adwin({ delta: 0.05 }), values);
      expect(actual.map(({ count }) => count)).toEqual(plainLengths(values, 0.05));
      actual.forEach(({ count, mean: average }, i) => {
        expect(average).toBeCloseTo(mean(values.slice(i + 1 - count, i + 1)), 10);
      });
    }
  });

  test('cuts only where some cut of all differs, and always where one differs clearly', () => {
    const delta = 0.01;
    for (const seed of [1, 2, 3, 4]) {
      const values = bits(seed, [
        [150, 0.2],
        [100, 0.8],
      ]);
      const actual = run(new Adwin({ delta }), values);
      actual.forEach(({ drift, count }, i) => {
        const before = i === 0 ? 0 : actual[i - 1]!.count;
        const window = values.slice(i - before, i + 1);
        const most = Math.max(...cuts(window).map((cut) => excess(window, cut, delta)));
        if (drift) expect(most).toBeGreaterThan(0);
        // a bucket holds about a fifth of the window at most, so some cut between buckets sees most of the difference
        const left = values.slice(i + 1 - count, i + 1);
        expect(Math.max(...cuts(left).map((cut) => excess(left, cut, delta)))).toBeLessThan(0.15);
      });
      expect(actual.some(({ drift }) => drift)).toBe(true);
    }
  });

  test('finds no change in more than a share of delta of unchanging values', () => {
    for (const delta of [0.002, 0.5]) {
      let [cut, values] = [0, 0];
      for (const probability of [0.01, 0.1, 0.3, 0.5]) {
        const found = run(new Adwin({ delta }), bits(1, [[25_000, probability]]));
        values += found.length;
        cut += found.filter(({ drift }) => drift).length;
      }
      console.log(`ADWIN, delta ${delta}: ${cut} cuts in ${values} values that do not change`);
      expect(cut / values).toBeLessThan(delta);
    }
  });

  test('follows a change within the time the bound gives, and then holds what came after it', () => {
    const values = bits(5, [
      [2000, 0.2],
      [2000, 0.6],
    ]);
    const actual = run(new Adwin(), values);
    const found = actual.findIndex(({ drift }, i) => i >= 2000 && drift) - 2000;
    // the bound for n0 = 2000 reaches the difference of 0.4 at n1 = 45
    expect(found).toBeGreaterThan(20);
    expect(found).toBeLessThan(90);
    expect(actual.at(-1)!.count).toBeGreaterThan(1900);
    expect(actual.at(-1)!.count).toBeLessThan(2100);
    expect(actual.at(-1)!.mean).toBeCloseTo(0.6, 1);
  });

  test('does not depend on the unit', () => {
    const values = bits(6, [
      [300, 0.2],
      [300, 0.7],
    ]);
    const scaled = run(
      new Adwin({ range: 1024 }),
      values.map((value) => 1024 * value),
    );
    expect(scaled.map(({ count }) => count)).toEqual(run(new Adwin(), values).map(({ count }) => count));
  });

  test('forgets the oldest when the window is full, and an absurd value among them leaves no trace', () => {
    const window = new Adwin();
    const row = new Float64Array(window.size);
    let cut = window.update(row, 0, 1e30);
    let most = 0;
    for (let i = 0; i < 400_000; i++) {
      cut ||= window.update(row, 0, i % 2);
      most = Math.max(most, window.count(row, 0));
    }
    expect(cut).toBe(false);
    expect(most).toBeLessThanOrEqual(327_675);
    expect(window.count(row, 0)).toBeGreaterThan(327_675 - 32_768);
    expect(window.mean(row, 0)).toBeCloseTo(0.5, 4);
  });

  test('refuses wrong options', () => {
    expect(() => new Adwin({ delta: 0 })).toThrow(gatecastError('invalid-argument', /delta/));
    expect(() => new Adwin({ range: -1 })).toThrow(gatecastError('invalid-argument', /range/));
    expect(() => new Adwin({ delta: 0.1, clock: 32 } as never)).toThrow(gatecastError('invalid-argument', /clock/));
  });
});
