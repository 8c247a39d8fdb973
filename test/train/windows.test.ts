import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { draw } from '../../lib/train/draw.ts';
import { planCopies, writeCopies } from '../../lib/train/shift.ts';
import { headLayout } from '../../lib/model/heads/heads.ts';
import { shrinkHead } from '../../lib/train/shrink.ts';
import { resolveOptions } from '../../lib/train/options.ts';
import { trainingStarts, validationStarts } from '../../lib/train/windows.ts';

const shape = { window: 5, warmup: 2, horizon: 3, freeSteps: 0 };
const complete = new Uint32Array(101);

describe('windows', () => {
  test('training windows lie wholly inside the training rows, at every row', () => {
    const starts = [...trainingStarts(complete, { from: 10, to: 40 }, shape)].sort((a, b) => a - b);
    expect(starts).toEqual(Array.from({ length: 40 - 10 - 8 + 1 }, (_, i) => 10 + i));
  });

  test('validation windows forecast only rows of the part, each origin once; inputs may come from before it', () => {
    const starts = [...validationStarts(complete, { from: 40, to: 60 }, shape, 0)];
    const origins = starts.flatMap((start) => [2, 3, 4].map((step) => start + step));
    expect(new Set(origins).size).toBe(origins.length);
    expect(Math.min(...origins) + 1).toBeGreaterThanOrEqual(40);
    expect(Math.max(...origins) + 3).toBe(59);
    expect(Math.min(...starts)).toBeLessThan(40);
    for (const start of validationStarts(complete, { from: 40, to: 60 }, shape, 39))
      expect(start).toBeGreaterThanOrEqual(39);
  });

  test('no window touches a row with a missing value', () => {
    const hole = 25;
    const incomplete = Uint32Array.from({ length: 101 }, (_, row) => (row > hole ? 1 : 0));
    for (const start of trainingStarts(incomplete, { from: 0, to: 100 }, shape)) {
      expect(start > hole || start + 8 <= hole).toBe(true);
    }
  });
});

test('draw takes each window at most once, and over time every one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(), (count, seed) => {
      const drawn = draw(
        Int32Array.from({ length: 50 }, (_, i) => i),
        count,
        createRandom(seed),
      );
      expect(new Set(drawn).size).toBe(count);
    }),
  );
});

test('shifted copies keep the shape of the training rows and never hold validation rows', () => {
  const series = {
    table: { names: [], columns: [] },
    offset: 0,
    training: { from: 0, to: 3 },
    validation: { from: 3, to: 5 },
  };
  const copies = planCopies([series], 5, 3);
  const rows = new Float32Array(5 + 3 * copies.length);
  rows.set([1, 2, 4, 100, 100]);
  writeCopies(rows, { width: 1, numbers: [0] }, copies, 3);
  for (const { to } of copies)
    expect([...rows.subarray(to, to + 3)].map((value) => value - rows[to]!)).toEqual([0, 1, 3]);
  expect(Math.max(...rows.subarray(5))).toBe(7);
  expect(planCopies([series], 5, 0)).toEqual([]);
});

test('learning that only harms is taken back to the initial head', async () => {
  const head = (weight: number) => ({
    'head.weight': { shape: [4, 1], data: new Float32Array(4).fill(weight) },
    'head.bias': { shape: [4], data: new Float32Array(4).fill(weight) },
  });
  let loaded = head(1);
  // The first target is best with its initial weights, the second with its trained ones.
  const trainer = {
    loadStateDict: (dict: unknown) => {
      loaded = dict as typeof loaded;
    },
    evaluate: async () => {
      const [a, , b] = loaded['head.weight'].data;
      return { loss: a! ** 2 + (b! - 1) ** 2, gradientNorm: 0, windows: 1, cancelled: false };
    },
  };
  const layout = headLayout(resolveOptions({ targets: ['a', 'b'], horizon: 2, loss: 'mse' }));
  const kept = await shrinkHead(trainer, new Int32Array(1), head(0), { weights: head(1), loss: 1 }, layout);
  expect([...kept!.weights['head.weight']!.data]).toEqual([0, 0, 1, 1]);
  expect([...kept!.weights['head.bias']!.data]).toEqual([0, 0, 1, 1]);
  expect(kept!.loss).toBe(0);
});
