// Paths of forecasts that give a distribution for each step: what is drawn must be distributed as the forecast says.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countsUpTo } from '../../lib/base/negative-binomial.ts';
import { normalQuantile } from '../../lib/base/normal.ts';
import { studentQuantile } from '../../lib/base/student-t.ts';
import { createRandom } from '../../lib/base/random.ts';
import { Forecast, type ForecastShape } from '../../lib/model/forecast.ts';
import type { Loss } from '../../lib/model/heads/heads.ts';
import { NormalScores } from '../../lib/model/normal-scores.ts';
import { NONE_SKIPPED } from '../../lib/model/skipped.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';

const COUNT = 10_000;
const make = (shape: ForecastShape, numbers: number[]) => new Forecast(shape, numbers, 1, true, NONE_SKIPPED);

/** The values of all paths at a place in [targets][horizon]. */
function valuesAt(paths: Float64Array, size: number, i: number): Float64Array {
  return Float64Array.from({ length: paths.length / size }, (_, p) => paths[p * size + i]!);
}

function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (of: Float64Array) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const [x, y] = [mean(a), mean(b)];
  const sum = (of: (i: number) => number) => a.reduce((total, _, i) => total + of(i), 0);
  const both = sum((i) => (a[i]! - x) * (b[i]! - y));
  return both / Math.sqrt(sum((i) => (a[i]! - x) ** 2) * sum((i) => (b[i]! - y) ** 2));
}

/** Checks that the share of values up to `quantile` is `p`. */
function expectShare(values: Float64Array, quantile: number, p: number): void {
  const share = values.filter((value) => value <= quantile).length / values.length;
  expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / values.length));
}

const levels = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];
const common = { targets: ['a'], horizon: 3, levels, dependence: [[0.8, -0.5]] };

describe('the paths of', () => {
  test('quantiles have these quantiles, and normal tails beyond', () => {
    const quantiles = levels.map((level) => [0, 1, 2].map((h) => 10 * h + (1 + h) * normalQuantile(level)));
    const forecast = make({ ...common, loss: 'quantile' }, [0, 10, 20, ...quantiles.flat()]);
    const paths = forecast.paths(COUNT);
    expect(paths.length).toBe(COUNT * 3);
    for (const h of [0, 1, 2]) {
      for (const p of [0.001, 0.01, 0.05, 0.3, 0.5, 0.9, 0.99, 0.999]) {
        expectShare(valuesAt(paths, 3, h), 10 * h + (1 + h) * normalQuantile(p), p);
      }
    }
    const [a, b, c] = [0, 1, 2].map((h) => valuesAt(paths, 3, h)) as [Float64Array, Float64Array, Float64Array];
    expect(correlation(a, b)).toBeCloseTo(0.8, 1);
    expect(correlation(b, c)).toBeCloseTo(-0.5, 1);
    expect(correlation(a, c)).toBeCloseTo(-0.4, 1); // each step depends on the step before alone
  });

  test('skewed quantiles have these quantiles', () => {
    const forecast = make({ ...common, horizon: 1 }, [1, ...levels.map((level) => -Math.log(1 - level))]);
    const values = forecast.paths(COUNT);
    for (const level of levels) expectShare(values, -Math.log(1 - level), level);
    expect([...values].every(Number.isFinite)).toBe(true);
  });

  test('a normal distribution are normal', () => {
    const forecast = make({ ...common, loss: 'gaussian' }, [
      0,
      1,
      2,
      ...levels.flatMap((level) => [0, 1, 2].map((h) => h + (1 + h) * normalQuantile(level))),
      0,
      1,
      2,
      1,
      2,
      3,
    ]);
    const paths = forecast.paths(COUNT, { seed: 5 });
    for (const h of [0, 1, 2]) {
      for (const p of [0.01, 0.2, 0.5, 0.9]) expectShare(valuesAt(paths, 3, h), h + (1 + h) * normalQuantile(p), p);
    }
    expect(correlation(valuesAt(paths, 3, 0), valuesAt(paths, 3, 1))).toBeCloseTo(0.8, 1);
  });

  test("Student's t distribution have its tails", () => {
    const shape = { ...common, horizon: 1, levels: [], loss: 'student-t' } as const;
    const values = make(shape, [7, 7, 2, 3]).paths(COUNT);
    for (const p of [0.005, 0.1, 0.5, 0.9, 0.995])
      expectShare(values, 7 + 2 * studentQuantile(p, normalQuantile(p), 3), p);
  });

  test('counts are counts', () => {
    const shape = { ...common, horizon: 2, levels: [], loss: 'negative-binomial', dependence: [[0.9]] } as const;
    const paths = make(shape, [3, 8, 3, 8, 0.5, 0.1]).paths(COUNT);
    expect(paths.every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
    for (const k of [0, 1, 3, 6]) expectShare(valuesAt(paths, 2, 0), k, countsUpTo(k, 3, 0.5));
    for (const k of [4, 8, 12]) expectShare(valuesAt(paths, 2, 1), k, countsUpTo(k, 8, 0.1));
    expect(correlation(valuesAt(paths, 2, 0), valuesAt(paths, 2, 1))).toBeGreaterThan(0.8);
  });

  test('a category are places of its words', () => {
    const classes = ['idle', 'run', 'walk'];
    const shape = { targets: ['a'], horizon: 2, levels: [], loss: 'classes', classes, dependence: [[0.95]] } as const;
    const paths = make(shape, [0, 2, 0.5, 0.1, 0.2, 0.3, 0.3, 0.6]).paths(COUNT);
    expectShare(valuesAt(paths, 2, 0), 0, 0.5);
    expectShare(valuesAt(paths, 2, 0), 1, 0.7);
    expectShare(valuesAt(paths, 2, 1), 0, 0.1);
    expectShare(valuesAt(paths, 2, 1), 1, 0.4);
    expect(Math.max(...paths)).toBe(2);
  });

  test('two targets are independent of each other, and keep to their bounds', () => {
    const bounds = [{ min: 0 }, {}];
    const shape = {
      ...common,
      targets: ['a', 'b'],
      dependence: [
        [1, 1],
        [0, 0],
      ],
      bounds,
    };
    const quantiles = levels.flatMap((level) => Array.from({ length: 6 }, () => normalQuantile(level)));
    const forecast = make(shape, [0, 0, 0, 0, 0, 0, ...quantiles]);
    const paths = forecast.paths(COUNT);
    const at = [0, 1, 2, 3, 4, 5].map((i) => valuesAt(paths, 6, i));
    expect(at[0]).toEqual(at[2]);
    expect(Math.min(...at[0]!)).toBe(0);
    expect(Math.min(...at[3]!)).toBeLessThan(-2);
    expect(Math.abs(correlation(at[0]!, at[3]!))).toBeLessThan(0.04);
    expect(Math.abs(correlation(at[3]!, at[4]!))).toBeLessThan(0.04);
    expect(forecast.target('b').paths(5)).toHaveLength(15);
    expect(Math.min(...forecast.target('a').paths(COUNT))).toBe(0);
  });
});

describe('paths of a forecast whose quantiles a stream has corrected have the corrected ones:', () => {
  const parameters = {
    gaussian: [5, 2],
    'student-t': [5, 2, 3],
    'negative-binomial': [1.5, 0.6], // of which many quantiles are equal
  };
  const corrected = fc.tuple(
    fc.double({ min: -9, max: 9, noNaN: true }),
    fc.array(fc.double({ min: 0, max: 4, noNaN: true }), { minLength: 6, maxLength: 6 }),
  );
  const quantilesOf = ([first, widths]: [number, number[]]) => {
    let sum = first;
    return [first, ...widths.map((width) => (sum += width))];
  };
  /** Checks that the shares of the values below and up to each quantile are on both sides of its level. */
  const expectQuantiles = (values: Float64Array, wanted: readonly number[]) => {
    levels.forEach((level, l) => {
      const slack = 5 * Math.sqrt((level * (1 - level)) / values.length) + 1 / values.length;
      const near = 1e-6 * (1 + Math.abs(wanted[l]!));
      const share = (most: number) => values.filter((value) => value <= most).length / values.length;
      expect(share(wanted[l]! - near)).toBeLessThan(level + slack);
      expect(share(wanted[l]! + near)).toBeGreaterThan(level - slack);
    });
  };

  test.each(Object.entries(parameters))('%s', (loss, own) => {
    fc.assert(
      fc.property(corrected, (given) => {
        const wanted = quantilesOf(given);
        const forecast = make({ targets: ['a'], horizon: 1, levels, loss: loss as Loss }, [0, ...wanted, ...own]);
        expectQuantiles(forecast.paths(2000), wanted);
      }),
      { numRuns: 30 },
    );
  });

  test('drawn by the model', () => {
    const random = createRandom(8);
    const drawn = Array.from({ length: 500 }, () => Math.round(4 * random() + 4 * random()));
    fc.assert(
      fc.property(corrected, (given) => {
        const wanted = quantilesOf(given);
        const shape = { targets: ['a'], horizon: 1, levels, loss: 'gaussian', paths: { count: 500 } } as const;
        const forecast = make(shape, [0, ...wanted, ...drawn]);
        expectQuantiles(forecast.paths(500), wanted);
        expect([...forecast.samples!]).toEqual(drawn);
      }),
      { numRuns: 30 },
    );
  });

  test('without quantiles, they move with the mean', () => {
    const shape = { targets: ['a'], horizon: 1, levels: [] } as const;
    const [plain, moved] = [5, 8].map((mean) => make({ ...shape, loss: 'gaussian' }, [mean, 5, 2]).paths(50));
    moved!.forEach((value, p) => expect(value).toBeCloseTo(plain![p]! + 3, 12));
    const drawn = make({ ...shape, loss: 'gaussian', paths: { count: 2 } }, [8, 4, 6]);
    expect([...drawn.paths(2)]).toEqual([7, 9]);
  });

  test('they keep to the bounds', () => {
    const shape = { targets: ['a'], horizon: 1, levels, loss: 'gaussian', bounds: [{ min: 0 }] } as const;
    const wanted = [0, 0, 0.5, 1, 2, 3, 9];
    const values = make(shape, [0, ...wanted, 5, 2]).paths(2000);
    expect(Math.min(...values)).toBe(0);
    expectQuantiles(values, wanted);
  });
});

describe('Forecast.paths', () => {
  const numbers = [0, 0, 0, ...levels.flatMap((level) => [level, level, level])];
  const forecast = make({ ...common, loss: 'quantile' }, numbers);

  test('gives the same paths for the same seed; fewer of them are the first ones', () => {
    expect(forecast.paths(20, { seed: 9 })).toEqual(forecast.paths(20, { seed: 9 }));
    expect(forecast.paths(20, { seed: 9 }).slice(0, 30)).toEqual(forecast.paths(10, { seed: 9 }));
    expect(forecast.paths(20, { seed: 8 })).not.toEqual(forecast.paths(20, { seed: 9 }));
    expect(forecast.paths().length).toBe(300);
    expect(forecast.samples).toBeUndefined();
  });

  test('gives the paths that a forecaster drew, and no more', () => {
    const shape: ForecastShape = { targets: ['a'], horizon: 2, levels: [], loss: 'gaussian', paths: { count: 3 } };
    const own = make(shape, [2, 5, 1, 4, 2, 5, 3, 6]);
    expect(own.samples).toEqual(Float64Array.of(1, 4, 2, 5, 3, 6));
    expect(own.paths(2)).toEqual(Float64Array.of(1, 4, 2, 5));
    expect(() => own.paths(4)).toThrow(gatecastError('invalid-argument', /at most 3, which the forecaster drew/));
  });

  test('says what it lacks', () => {
    const { dependence: _, ...unknown } = common;
    const one = { ...unknown, horizon: 1 };
    expect(() => make(unknown, numbers).paths()).toThrow(
      gatecastError('invalid-argument', /how its steps go together/),
    );
    expect(make(one, [0, ...levels]).paths(2)).toHaveLength(2);
    expect(() => make({ ...one, levels: [] }, [0]).paths()).toThrow(gatecastError('invalid-argument', /two quantiles/));
    expect(() => make({ ...one, levels: [0.5] }, [0, 0]).paths()).toThrow(gatecastError('invalid-argument'));
    for (const [name, hostile] of HOSTILE_VALUES) {
      for (const call of [
        () => forecast.paths(hostile() as never),
        () => forecast.paths(1, { seed: hostile() as never }),
      ]) {
        try {
          call();
        } catch (error) {
          expect(error, name).toMatchObject({ name: 'GatecastError', code: 'invalid-argument' });
        }
      }
    }
    expect(() => forecast.paths(1, { sed: 1 } as never)).toThrow(
      gatecastError('invalid-argument', /Did you mean seed/),
    );
  });
});

test('normal scores and values are the inverse of each other', () => {
  const scores = new NormalScores(levels);
  const quantiles = [-9, -3, 0, 1, 1.5, 7, 8];
  for (let z = -4; z <= 4; z += 0.1) {
    const value = scores.value(z, quantiles, 0, 1);
    expect(scores.score(value, quantiles, 0, 1, 10)).toBeCloseTo(z, 9);
  }
  levels.forEach((level, l) =>
    expect(scores.value(normalQuantile(level), quantiles, 0, 1)).toBeCloseTo(quantiles[l]!, 9),
  );
});
