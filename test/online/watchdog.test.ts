import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GRU } from '../../lib/network/gru.ts';
import { LSTM } from '../../lib/network/lstm.ts';
import { type VectorHealth, Watchdog } from '../../lib/online/judging/watchdog.ts';
import { createRandom } from '../../lib/base/random.ts';
import { anyNumber, keepsItsMemoryInTheRow } from './contract.ts';

const watchdog = new Watchdog();

/** A stream of vectors, 20 units; `make` gives those of step t. */
function watch(
  steps: number,
  make: (t: number, k: number) => number,
  cells?: (t: number, k: number) => number,
): VectorHealth[] {
  const row = new Float64Array(watchdog.size);
  const vector = (of: (t: number, k: number) => number, t: number) =>
    Float32Array.from({ length: 20 }, (_, k) => of(t, k));
  return Array.from({ length: steps }, (_, t) => watchdog.check(row, 0, vector(make, t), cells && vector(cells, t)));
}

const calm = (t: number, k: number) => Math.tanh(Math.sin(t / 7 + k));

describe('Watchdog', () => {
  keepsItsMemoryInTheRow(
    watchdog,
    fc.tuple(
      fc.array(anyNumber, { minLength: 3, maxLength: 3 }),
      fc.option(fc.array(anyNumber, { minLength: 3, maxLength: 3 })),
    ),
    (row, at, [h, c]) => watchdog.check(row, at, h, c ?? undefined),
  );

  test('finds nothing in vectors that move as usual', () => {
    expect(new Set(watch(2000, calm, (t, k) => 3 * calm(t, k)))).toEqual(new Set(['ok']));
  });

  test('numbers that are not finite are broken, and leave no trace', () => {
    const found = watch(600, (t, k) =>
      t >= 300 && t < 303 && k === 4
        ? [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][t - 300]!
        : calm(t, k),
    );
    expect(found.map((word, t) => [word, t]).filter(([word]) => word !== 'ok')).toEqual([
      ['broken', 300],
      ['broken', 301],
      ['broken', 302],
    ]);
    expect(watch(2, calm, () => Number.NaN)).toEqual(['broken', 'broken']);
  });

  test('most units at their limits, for a while, are saturated', () => {
    const found = watch(800, (t, k) => (t >= 400 && t < 600 && k < 14 ? 0.9999 : calm(t, k)));
    const first = found.indexOf('saturated');
    expect(first).toBeGreaterThan(401); // a single sample may do it
    expect(first).toBeLessThan(420);
    expect(found.slice(first, 600)).toEqual(Array(600 - first).fill('saturated'));
    expect(found.slice(630)).toEqual(Array(170).fill('ok'));
  });

  test('a network whose units are at their limits from the start is as usual', () => {
    expect(new Set(watch(800, (t, k) => (k < 14 ? 1 : calm(t, k))))).toEqual(new Set(['ok']));
  });

  test('cells four times the largest usual ones are growing', () => {
    const random = createRandom(1);
    const found = watch(2000, calm, (t) => (2 + random()) * (t < 500 ? 1 : 1 + (t - 500) / 100));
    const first = found.indexOf('growing');
    // sizes of about 2.7 grow to four times as much at step 800
    expect(first).toBeGreaterThan(740);
    expect(first).toBeLessThan(860);
    expect(found.slice(0, first)).toEqual(Array(first).fill('ok'));
    expect(found.at(-1)).toBe('growing');
  });

  test.each([
    ['a GRU', GRU, 'saturated'],
    ['an LSTM', LSTM, 'growing'],
  ] as const)('inputs a million times too large drive %s to where it is %s', (_name, Network, expected) => {
    const random = createRandom(3);
    const state = new Network({ inputSize: 2, hiddenSize: 32, seed: 1 }).createState();
    const row = new Float64Array(watchdog.size);
    const step = (size: number): VectorHealth => {
      state.step([size * random(), size * random()]);
      return watchdog.check(row, 0, state.hidden.h.data, state.hidden.c?.data);
    };
    for (let t = 0; t < 1000; t++) expect(step(2)).toBe('ok');
    const found = new Set(Array.from({ length: 200 }, () => step(2e6)));
    expect(found).toContain(expected);
    state.reset();
    for (let t = 0; t < 100; t++) step(2);
    expect(step(2)).toBe('ok');
  });
});
