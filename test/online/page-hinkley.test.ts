import { describe, expect, test } from 'vitest';
import { PageHinkley } from '../../lib/online/statistics/page-hinkley.ts';
import { createRandom } from '../../lib/base/random.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { anyNumber, keepsItsMemoryInTheRow } from './contract.ts';

/** Page's and Hinkley's sums as they are defined, from all values at once; places and directions of drift. */
function defined(values: readonly number[], delta: number, threshold: number, minSamples: number): [number, number][] {
  const found: [number, number][] = [];
  let seen: number[] = [];
  let [up, down, least, most] = [0, 0, 0, 0];
  values.forEach((value, i) => {
    seen.push(value);
    const mean = seen.reduce((sum, x) => sum + x, 0) / seen.length;
    up += value - mean - delta;
    down += value - mean + delta;
    least = Math.min(least, up);
    most = Math.max(most, down);
    const direction = up - least > threshold ? 1 : most - down > threshold ? -1 : 0;
    if (seen.length < minSamples || direction === 0) return;
    found.push([i, direction]);
    seen = [];
    [up, down, least, most] = [0, 0, 0, 0];
  });
  return found;
}

function run(test: PageHinkley, values: readonly number[]): [number, number][] {
  const row = new Float64Array(test.size);
  return values.flatMap((value, i) => {
    const direction = test.update(row, 0, value);
    return direction === 0 ? [] : [[i, direction] as [number, number]];
  });
}

/** Noise about a mean that changes every 200 values. */
function changing(seed: number, length: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length }, (_, i) => random() + random() - 1 + [0, 2, 0.5, -1, -1][Math.floor(i / 200) % 5]!);
}

describe('PageHinkley', () => {
  const small = new PageHinkley({ minSamples: 3, threshold: 5 });
  keepsItsMemoryInTheRow(small, anyNumber, (row, at, value) => small.update(row, at, value));

  test('by hand: means 0, 0, 0, 9/4 and 18/5 leave 6.75 and 12.15, and the sixth value is of a new test', () => {
    const test = new PageHinkley({ delta: 0, threshold: 8, minSamples: 3 });
    expect(run(test, [0, 0, 0, 9, 9, 0])).toEqual([[4, 1]]);
    expect(run(test, [0, 0, 0, -9, -9, 0])).toEqual([[4, -1]]);
    expect(run(new PageHinkley({ delta: 0, threshold: 13, minSamples: 3 }), [0, 0, 0, 9, 9, 0])).toEqual([]);
  });

  test('finds drift exactly where the definition does', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const values = changing(seed, 2000);
      const [delta, threshold, minSamples] = [0.05 * (seed % 3), 5 + 2 * seed, 1 + 10 * (seed % 4)];
      const expected = defined(values, delta, threshold, minSamples);
      expect(run(new PageHinkley({ delta, threshold, minSamples }), values)).toEqual(expected);
      expect(expected.length).toBeGreaterThan(3);
    }
  });

  test('does not depend on the unit', () => {
    const values = changing(3, 2000);
    const plain = run(new PageHinkley({ delta: 0.125, threshold: 16 }), values);
    const scaled = values.map((value) => 1024 * value);
    expect(run(new PageHinkley({ delta: 128, threshold: 16_384 }), scaled)).toEqual(plain);
  });

  test('ignores values that are not finite', () => {
    const values = changing(4, 600);
    const holes = values.flatMap((value) => [value, Number.NaN, Number.POSITIVE_INFINITY]);
    const found = run(new PageHinkley({ threshold: 10 }), holes);
    expect(found.map(([i, direction]) => [i / 3, direction])).toEqual(run(new PageHinkley({ threshold: 10 }), values));
    expect(found).not.toEqual([]);
  });

  test('refuses wrong options', () => {
    expect(() => new PageHinkley({ delta: -1 })).toThrow(gatecastError('invalid-argument', /delta/));
    expect(() => new PageHinkley({ minSamples: 0.5 })).toThrow(gatecastError('invalid-argument', /minSamples/));
    expect(() => new PageHinkley({ treshold: 1 } as never)).toThrow(gatecastError('invalid-argument', /threshold\?/));
  });
});
