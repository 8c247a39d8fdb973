import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { draw } from '../../lib/train/draw.ts';
import { sampling, share } from '../../lib/train/sampling.ts';

const from = (first: number, count: number) => Int32Array.from({ length: count }, (_, i) => first + i);

describe('sampling', () => {
  test('draws of one series are those of a plain draw, to the bit', () => {
    const sample = sampling([from(0, 90), new Int32Array(0)]);
    const [plain, random, other] = [from(0, 90), createRandom(3), createRandom(3)];
    for (const count of [40, 90, 1]) expect(sample(count, random)).toEqual(draw(plain, count, other));
  });

  test('no window is drawn twice in a pass, and all are if the pass is long enough', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 20 }), fc.nat(), (sizes, seed) => {
        fc.pre(sizes.some((size) => size > 0));
        const all = sizes.reduce((sum, size) => sum + size, 0);
        const series = sizes.map((size, i) =>
          from(
            sizes.slice(0, i).reduce((sum, before) => sum + before, 0),
            size,
          ),
        );
        const sample = sampling(series);
        const random = createRandom(seed);
        const some = sample(Math.ceil(all / 2), random);
        expect(new Set(some).size).toBe(some.length);
        expect(some.length).toBeLessThanOrEqual(Math.ceil(all / 2));
        expect([...sample(all, random)].sort((a, b) => a - b)).toEqual([...from(0, all)]);
      }),
    );
  });

  test('a hundred times the windows are drawn ten times as often, and even the rarest series comes', () => {
    const series = [from(0, 100), from(100, 10_000), ...Array.from({ length: 50 }, (_, i) => from(20_000 + i, 1))];
    const sample = sampling(series);
    const random = createRandom(1);
    const drawn = Array.from({ length: 400 }, () => [...sample(20, random)]).flat();
    const times = (low: number, high: number) => drawn.filter((start) => start >= low && start < high).length;
    expect(drawn.length).toBeGreaterThan(7900);
    expect(times(100, 20_000) / times(0, 100)).toBeCloseTo(10, -0.5);
    expect(new Set(drawn.filter((start) => start >= 20_000)).size).toBe(50);
  });

  test('places that one holder cannot take go to the others', () => {
    expect(share(40, [1, 1, 400], createRandom(1))).toEqual([1, 1, 38]);
    expect(share(402, [1, 1, 400], createRandom(1))).toEqual([1, 1, 400]);
    expect(share(0, [5, 5], createRandom(1))).toEqual([0, 0]);
  });
});
