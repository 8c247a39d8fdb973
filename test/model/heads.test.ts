import { describe, expect, test } from 'vitest';
import { quantileScores } from '../../lib/accuracy/quantiles.ts';
import { countQuantile } from '../../lib/base/negative-binomial.ts';
import { normalQuantile } from '../../lib/base/normal.ts';
import { studentQuantile } from '../../lib/base/student-t.ts';
import { besideOf, headOf, headSize, losses } from '../../lib/model/heads/heads.ts';
import { createRandom } from '../../lib/base/random.ts';

const levels = [0.05, 0.25, 0.5, 0.7, 0.95];
const words = ['idle', 'run', 'walk', 'fall'];
const horizon = 3;
const residuals = Float32Array.from({ length: horizon * levels.length }, (_, i) => levels[i % levels.length]! - 0.5);

/** What the description of a forecaster with this loss says of its head. */
function choiceOf(loss: (typeof losses)[number]) {
  return headOf(loss).gives === 'classes' ? { levels: [], classes: words } : { levels };
}

/** The numbers that a head reads from the outputs of one target, [1 + levels + beside][horizon]. */
function read(loss: (typeof losses)[number], output: Float32Array, base = 0, std = 1): Float64Array {
  const choice = choiceOf(loss);
  const parts = 1 + choice.levels.length + besideOf({ loss, ...choice }).length;
  const numbers = new Float64Array(horizon * parts + 1).fill(Number.NaN);
  headOf(loss).reader({ horizon, count: horizon, residuals, ...choice })(
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
  const { truths } = headOf(loss);
  const size = headSize({ targets: ['a'], horizon, loss, ...choiceOf(loss) });
  const random = createRandom(7);
  const outputs = Array.from({ length: 200 }, () => Float32Array.from({ length: size }, () => 8 * random() - 4));

  test('reads every number, with quantiles that never cross', () => {
    for (const output of outputs) {
      const numbers = read(loss, output);
      expect(numbers.every(Number.isFinite)).toBe(true);
      for (let step = 0; step < horizon; step++) {
        const quantiles = choiceOf(loss).levels.map((_, l) => numbers[(1 + l) * horizon + step]!);
        expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b));
      }
    }
  });

  test.runIf(truths === 'numbers')('reads the same forecast in the unit of the target as on its own scale', () => {
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
        else if (i === 1 && truths !== 'classes') expect(number).toBeGreaterThan(before[i]!); // the mean
      }
    }
  });

  test.runIf(truths === 'numbers')('begins with a forecast of the changes in the training rows', () => {
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

describe('a head of quantiles', () => {
  const random = createRandom(11);
  const outputs = Array.from({ length: 200 }, () =>
    Float32Array.from({ length: 3 * levels.length }, () => 4 * random() - 2),
  );
  const readWith = (output: Float32Array, given?: Float32Array) => {
    const numbers = new Float64Array(3 * (1 + levels.length));
    headOf('quantile').reader({ horizon, count: horizon, residuals: given, levels })(
      output,
      0,
      new Float64Array(3),
      1,
      numbers,
      0,
    );
    return (step: number) => levels.map((_, l) => numbers[(1 + l) * horizon + step]!);
  };

  test('loses no more than its outputs as they come, whatever the true value is', () => {
    const loss = (quantiles: readonly number[]) =>
      quantileScores([truth], Object.fromEntries(quantiles.map((q, l) => [levels[l]!, [q]]))).wql;
    const truth = 0.25;
    for (const output of outputs) {
      const quantiles = readWith(output);
      for (let step = 0; step < horizon; step++) {
        const raw = Array.from(output.subarray(step * levels.length, (step + 1) * levels.length));
        expect(loss(quantiles(step))).toBeLessThanOrEqual(loss(raw) + 1e-12);
      }
    }
  });

  test('gives quantiles in order also after corrections that are not', () => {
    const descending = Float32Array.from({ length: 3 * levels.length }, (_, i) => -3 * levels[i % levels.length]!);
    for (const output of outputs) {
      for (let step = 0; step < horizon; step++) {
        const quantiles = readWith(output, descending)(step);
        expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b));
      }
    }
  });
});

const near = (numbers: Float64Array) => (block: number) => numbers[block * horizon]!;
const repeated = (...outputs: number[]) =>
  Float32Array.from({ length: 3 * outputs.length }, (_, i) => outputs[i % outputs.length]!);
const softplus = (s: number) => Math.log(1 + Math.exp(s));

describe("a head of Student's t distribution", () => {
  test('gives the quantiles of its distribution in the unit of the target', () => {
    const at = near(read('student-t', repeated(0.75, -1.5, 0.5), 10, 4));
    const [scale, freedom] = [4 * (softplus(-1.5) + 1e-4), 2 + softplus(0.5)];
    expect(at(0)).toBe(13);
    levels.forEach((level, l) => {
      const expected = 13 + scale * studentQuantile(level, normalQuantile(level), freedom);
      expect(at(1 + l)).toBeCloseTo(expected, 10);
    });
    const [location, ...others] = [6, 7, 8].map(at);
    expect(location).toBe(13);
    expect(others[0]).toBeCloseTo(scale, 12);
    expect(others[1]).toBeCloseTo(freedom, 12);
  });

  test('accepts any output', () => {
    for (const s of [-3e38, -200, 200, 3e38]) {
      expect(read('student-t', repeated(1, s, s)).every(Number.isFinite)).toBe(true);
      expect(read('student-t', repeated(1, s, -s)).every(Number.isFinite)).toBe(true);
    }
  });
});

describe('a head of counts', () => {
  test('gives whole quantiles of a distribution that grows with the level of its series', () => {
    for (const base of [0, 9]) {
      const at = near(read('negative-binomial', repeated(0.3, -0.5), base, 123));
      const [mean, alpha] = [(1 + base) * (softplus(0.3) + 1e-6), softplus(-0.5) / Math.sqrt(1 + base) + 1e-4];
      expect(at(0)).toBeCloseTo(mean, 6);
      expect(at(6)).toBe(at(0));
      expect(at(7)).toBeCloseTo(alpha, 7);
      levels.forEach((level, l) => expect(at(1 + l)).toBe(countQuantile(level, normalQuantile(level), at(6), at(7))));
      expect(levels.every((_, l) => Number.isInteger(at(1 + l)))).toBe(true);
    }
  });

  test('accepts any output', () => {
    for (const m of [-3e38, -200, 200, 3e38]) {
      for (const a of [-3e38, -200, 200, 3e38]) {
        expect(read('negative-binomial', repeated(m, a), 2).every(Number.isFinite)).toBe(true);
      }
    }
  });

  test('begins with the mean of the counts in the training rows', () => {
    const start = headOf('negative-binomial').start!(Float32Array.of(0, 1, 1, 4), { levels }, false);
    expect(near(read('negative-binomial', repeated(...start)))(0)).toBeCloseTo(1.5, 5);
  });
});

describe('a head of classes', () => {
  test('gives the probability of each word, and the place of the most likely', () => {
    const numbers = read('classes', Float32Array.of(0, 1, 2, -1, 3, 0, 0, 0, 1, 1, 1, 1));
    const likely = [Math.exp(0), Math.exp(1), Math.exp(2), Math.exp(-1)];
    const sum = likely.reduce((a, b) => a + b);
    expect(Array.from(numbers.subarray(0, 3))).toEqual([2, 0, 0]);
    likely.forEach((value, k) => expect(numbers[3 * (1 + k)]).toBeCloseTo(value / sum, 12));
    expect([2, 5, 8, 11, 14].map((i) => numbers[i])).toEqual([0, 0.25, 0.25, 0.25, 0.25]);
  });

  test('accepts any output', () => {
    const numbers = read('classes', Float32Array.of(3e38, -3e38, 0, 1, 3e38, 3e38, 0, 0, -3e38, -3e38, -3e38, -3e38));
    expect(numbers.every((number) => number >= 0 && number <= 2)).toBe(true);
  });

  test('begins with the shares of the words in the training rows', () => {
    const start = headOf('classes').start!(Float32Array.of(0, 0, 0, 1, 1, 2), { levels: [], classes: words }, false);
    const at = near(read('classes', repeated(...start)));
    expect([1, 2, 3, 4].map(at).map((share) => Math.round(10 * share))).toEqual([4, 3, 2, 1]);
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
