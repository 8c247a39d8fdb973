import { describe, expect, test } from 'vitest';
import { normalQuantile } from '../../lib/base/normal.ts';
import { besideOf, headOf, headSize, losses } from '../../lib/model/heads/heads.ts';
import { createRandom } from '../../lib/base/random.ts';

const levels = [0.05, 0.25, 0.5, 0.7, 0.95];
const horizon = 3;
const residuals = Float32Array.from({ length: horizon * levels.length }, (_, i) => levels[i % levels.length]! - 0.5);

/** The numbers that a head reads from the outputs of one target, [1 + levels + beside][horizon]. */
function read(loss: (typeof losses)[number], output: Float32Array, base = 0, std = 1): Float64Array {
  const numbers = new Float64Array(horizon * (1 + levels.length + besideOf({ loss, levels }).length) + 1).fill(
    Number.NaN,
  );
  headOf(loss).reader({ horizon, count: horizon, levels, residuals })(
    output,
    0,
    new Float64Array(horizon).fill(base),
    std,
    numbers,
    0,
  );
  expect(numbers.at(-1)).toBeNaN(); // nothing is written beyond its numbers
  return numbers.slice(0, -1);
}

describe.each(losses)('the head of the loss %s', (loss) => {
  const size = headSize({ targets: ['a'], horizon, loss, levels });
  const random = createRandom(7);
  const outputs = Array.from({ length: 200 }, () => Float32Array.from({ length: size }, () => 8 * random() - 4));

  test('reads every number, with quantiles that never cross', () => {
    for (const output of outputs) {
      const numbers = read(loss, output);
      expect(numbers.every(Number.isFinite)).toBe(true);
      for (let step = 0; step < horizon; step++) {
        const quantiles = levels.map((_, l) => numbers[(1 + l) * horizon + step]!);
        expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b));
      }
    }
  });

  test('reads the same forecast in the unit of the target as on the scale of the network', () => {
    for (const output of outputs.slice(0, 20)) {
      const [scaled, own] = [read(loss, output), read(loss, output, 100, 5)];
      for (let i = 0; i < horizon * (1 + levels.length); i++) expect(own[i]).toBeCloseTo(100 + 5 * scaled[i]!, 9);
    }
  });

  test('reads each step from its own outputs', () => {
    const each = size / horizon;
    for (const output of outputs.slice(0, 20)) {
      const moved = output.slice();
      for (let i = each; i < 2 * each; i++) moved[i]! += 1;
      const [before, after] = [read(loss, output), read(loss, moved)];
      for (const [i, number] of after.entries()) {
        if (i % horizon !== 1) expect(number).toBe(before[i]);
        else if (i === 1) expect(number).toBeGreaterThan(before[i]!); // the mean
      }
    }
  });

  test('begins with a forecast of the changes in the training rows', () => {
    const changes = Float32Array.from({ length: 999 }, (_, i) => 2 * normalQuantile((i + 1) / 1000));
    for (const [anchored, middle] of [
      [true, 0],
      [false, 1],
    ] as const) {
      const start = headOf(loss).start?.(
        changes.map((change) => change + middle),
        { levels },
        anchored,
      );
      if (start === undefined) continue;
      const numbers = read(
        loss,
        Float32Array.from({ length: size }, (_, i) => start[i % start.length]!),
      );
      for (const [l, level] of levels.entries()) {
        const expected = middle + 2 * normalQuantile(level);
        // A quarter of their deviation: not every distribution has the shape of these changes.
        expect(Math.abs(numbers[(1 + l) * horizon]! - expected)).toBeLessThan(0.5);
      }
    }
  });
});

describe('a Gaussian head', () => {
  test('gives the quantiles of its distribution in the unit of the target', () => {
    const [mean, s] = [0.75, -1.5];
    const numbers = read('gaussian', Float32Array.of(mean, s, 0, 0, 0, 0), 10, 4);
    const deviation = 4 * (Math.log(1 + Math.exp(s)) + 1e-4);
    const at = (block: number) => numbers[block * horizon]!;
    expect(at(0)).toBe(13);
    levels.forEach((level, l) => expect(at(1 + l)).toBeCloseTo(13 + deviation * normalQuantile(level), 12));
    expect(at(1 + levels.length)).toBe(13);
    expect(at(2 + levels.length)).toBeCloseTo(deviation, 12);
  });

  test('accepts any output', () => {
    for (const s of [-3e38, -200, 200, 3e38]) {
      const numbers = read('gaussian', Float32Array.of(1, s, 1, s, 1, s));
      expect(numbers.every(Number.isFinite)).toBe(true);
      expect(numbers.at(-1)).toBeGreaterThanOrEqual(1e-4);
    }
  });

  test('begins with a deviation from which it can learn, whatever the training rows are', () => {
    for (const size of [0, 1e-9, 1e-3, 1, 1e6]) {
      const [mean, s] = headOf('gaussian').start!(Float32Array.of(-size, size), { levels }, true);
      expect(mean).toBe(0);
      const deviation = read('gaussian', Float32Array.of(0, s!, 0, s!, 0, s!)).at(-1)!;
      expect(deviation / Math.max(size, 2e-4)).toBeCloseTo(1, 4);
    }
  });
});
