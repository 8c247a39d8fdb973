import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { chainSampling, sideBySide } from '../../lib/train/chains.ts';
import { trainingStarts, validationStarts } from '../../lib/train/windows.ts';

const from = (first: number, count: number) => Int32Array.from({ length: count }, (_, i) => first + i);

describe('chainSampling', () => {
  test('no window is drawn twice, and at most a batch fewer than asked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(60), { minLength: 1, maxLength: 6 }),
        fc.record({ window: fc.integer({ min: 1, max: 9 }), chain: fc.integer({ min: 2, max: 5 }) }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(),
        (sizes, { window, chain }, batchSize, seed) => {
          const all = sizes.reduce((sum, size) => sum + size, 0);
          fc.pre(all > 0);
          const series = sizes.map((size, i) => from(100 * i - 5, size));
          const sample = chainSampling(series, { window, warmup: 0, horizon: 1, freeSteps: 0, chain }, batchSize);
          for (const count of [all, Math.ceil(all / 2)]) {
            const drawn = sample(count, createRandom(seed));
            expect(new Set(drawn).size).toBe(drawn.length);
            expect(drawn.length).toBeGreaterThan(count - Math.min(batchSize, count) - sizes.length);
            expect(drawn.length).toBeLessThanOrEqual(count);
          }
        },
      ),
    );
  });

  test('each place of a batch goes on from the batch before, but for one time in as many as a chain has windows', () => {
    const sample = chainSampling([from(0, 8000)], { window: 20, warmup: 9, horizon: 1, freeSteps: 0, chain: 8 }, 4);
    const random = createRandom(2);
    const first = sample(1600, random);
    const places = first.subarray(4).map((start, i) => Number(start === first[i]! + 20));
    expect(places.reduce((sum, goesOn) => sum + goesOn, 0) / places.length).toBeCloseTo(7 / 8, 1);
    // Every row is in four windows of twenty, wherever they begin, and another pass begins elsewhere.
    expect(new Set(first.map((start) => start % 20)).size).toBe(4);
    expect(sample(1600, random)).not.toEqual(first);
    expect(sample(1600, createRandom(2))).toEqual(first);
  });
});

test('chains side by side: the next window of each is a batch, as long as it has one', () => {
  expect([...sideBySide([0, 5, 10, 50, 55, 70], 5, 8)]).toEqual([0, 50, 70, 5, 55, 10]);
  expect([...sideBySide([0, 5, 10, 50, 55, 70], 5, 2)]).toEqual([0, 50, 5, 55, 10, 70]);
});

describe('windows that go on from one another', () => {
  const shape = { window: 5, warmup: 2, horizon: 3, freeSteps: 0, chain: 3 };
  const complete = new Uint32Array(101);

  test('validation chains forecast only rows of the part, each origin once', () => {
    for (const [begin, end] of [
      [40, 60],
      [40, 99],
      [40, 47],
      [3, 50],
    ] as const) {
      const starts = [...validationStarts(complete, { from: begin, to: end }, shape, 0, { begins: new Set() })];
      const begun = starts.map((start, i) => start !== (starts[i - 1] ?? Number.NaN) + 5);
      const origins = starts.flatMap((start, i) => [0, 1, 2, 3, 4].slice(begun[i] ? 2 : 0).map((step) => start + step));
      expect(new Set(origins).size).toBe(origins.length);
      expect(Math.min(...origins) + 1).toBeGreaterThanOrEqual(begin);
      expect(Math.max(...origins) + 3).toBe(end - 1);
      // All but the first ones, which would be less than a window.
      expect(origins.length).toBeGreaterThan(end - begin - 3 - 5);
      const lengths = begun.flatMap((first, i) => (first ? [begun.slice(i + 1).findIndex(Boolean) + 1] : []));
      expect(Math.max(...lengths)).toBeLessThanOrEqual(3);
    }
  });

  test('the first row of each piece of the training rows is marked, because there a state begins', () => {
    const incomplete = Uint32Array.from({ length: 101 }, (_, row) => (row > 40 ? 1 : 0));
    const begins = new Set<number>();
    const starts = [...trainingStarts(incomplete, { from: 10, to: 90 }, shape, { begins })];
    expect(begins).toEqual(new Set([10, 41]));
    expect(starts.length).toBe(30 - 7 + 49 - 7);
  });
});
