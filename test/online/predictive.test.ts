import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Forecast } from '../../lib/model/forecast.ts';
import { NONE_SKIPPED } from '../../lib/model/skipped.ts';
import { Predictive } from '../../lib/online/anomaly/predictive.ts';
import { rowOf } from './random.ts';

/** Normal quantiles of the tables. */
const Z: Record<string, number> = { 0.05: -1.6448536, 0.1: -1.2815516, 0.5: 0, 0.9: 1.2815516, 0.95: 1.6448536 };

/** A forecast over two steps of targets that are normal at the first step. */
function normal(levels: readonly number[], ...targets: { mean: number; deviation: number }[]): Forecast {
  const steps = (z: number) => targets.flatMap(({ mean, deviation }) => [mean + z * deviation, 1e9]);
  const numbers = [0, ...levels.map((level) => Z[level]!)].flatMap(steps);
  return new Forecast(
    { targets: targets.map((_, i) => `t${i}`), horizon: 2, levels },
    numbers,
    undefined,
    true,
    NONE_SKIPPED,
  );
}

describe('the normal score of a value under a forecast', () => {
  it('is its distance in deviations where the forecast is normal, within the levels and beyond', () => {
    const levelSets = [
      [0.1, 0.5, 0.9],
      [0.05, 0.1, 0.5, 0.9, 0.95],
      [0.1, 0.9],
      [0.5, 0.9],
      [0.05, 0.1, 0.5, 0.9],
    ];
    const range = fc.double({ min: -8, max: 8, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...levelSets), range, range, (levels, first, second) => {
        const predictive = new Predictive(2, levels);
        const row = rowOf(predictive);
        predictive.expect(row, 0, normal(levels, { mean: 20, deviation: 3 }, { mean: -1, deviation: 0.01 }));
        expect(predictive.score(row, 0, 0, 20 + 3 * first)).toBeCloseTo(first, 5);
        expect(predictive.score(row, 0, 1, -1 + 0.01 * second)).toBeCloseTo(second, 5);
      }),
    );
  });

  it('goes on beyond the outermost level as steep as from the median to there', () => {
    const levels = [0.05, 0.1, 0.5, 0.9, 0.95];
    const quantiles = [0, 0.001, 10, 12, 12.001]; // the outermost levels nearly coincide, as those of a trained head may
    const predictive = new Predictive(1, levels);
    const row = rowOf(predictive);
    row.set(quantiles); // as `expect` keeps them: by target, then level
    expect(predictive.score(row, 0, 0, 14.002)).toBeCloseTo(2 * Z[0.95]!, 5); // twice as far from the median as 12.001
    expect(predictive.score(row, 0, 0, -10)).toBeCloseTo(2 * Z[0.05]!, 5);
  });

  it('is finite, and has the right sign, under a forecast without spread', () => {
    const levels = [0.1, 0.5, 0.9];
    const predictive = new Predictive(1, levels);
    const row = rowOf(predictive);
    predictive.expect(row, 0, normal(levels, { mean: 5, deviation: 0 }));
    const score = (value: number) => predictive.score(row, 0, 0, value);
    expect(Math.abs(score(5))).toBeLessThan(2);
    expect([score(4), score(6), score(1e300)]).toEqual([-1e6, 1e6, 1e6]);
  });
});
