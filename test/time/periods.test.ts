import { describe, expect, test } from 'vitest';
import { autocorrelation } from '../../lib/time/autocorrelation.ts';
import { findPeriods } from '../../lib/time/periods.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { createRandom } from '../../lib/base/random.ts';

const HOUR = 3_600_000;
const series = (rows: number, value: (t: number) => number) => Float64Array.from({ length: rows }, (_, t) => value(t));
const periodsOf = (...of: Parameters<typeof findPeriods>) => findPeriods(...of).map(({ period }) => period);

test('the autocorrelation is the sum of products', () => {
  const values = series(37, (t) => Math.sin(t * t) + t / 20);
  const mean = values.reduce((sum, value) => sum + value, 0) / 37;
  const sums = Array.from({ length: 31 }, (_, lag) =>
    values.subarray(lag).reduce((sum, value, i) => sum + (value - mean) * (values[i]! - mean), 0),
  );
  const own = autocorrelation(values, 30);
  for (const [lag, sum] of sums.entries()) expect(own[lag]).toBeCloseTo(sum / sums[0]!, 12);
  expect([
    ...autocorrelation(
      series(9, () => 4),
      3,
    ),
  ]).toEqual([0, 0, 0, 0]);
});

describe('periods', () => {
  const draw = createRandom(3);
  const random = () => 2 * draw() - 1;
  const day = (t: number) => Math.sin((2 * Math.PI * t) / 24) + 0.5 * Math.cos((4 * Math.PI * t) / 24);

  test('are found without an interval, in noise and on a moving level', () => {
    let level = 0;
    const values = series(1200, (t) => day(t) + (level += 0.1 * random()) + random());
    const [first] = findPeriods(values);
    expect(first!.period).toBe(24);
    expect(first!.strength).toBeGreaterThan(0.3);
    expect(periodsOf(series(900, (t) => (t % 17) ** 2))).toEqual([17]);
  });

  test('of the day and the week are both listed', () => {
    const values = series(24 * 70, (t) => day(t) + 2 * (Math.floor(t / 24) % 7 > 4 ? 1 : 0) + 0.1 * random());
    expect(new Set(periodsOf(values, HOUR))).toEqual(new Set([168, 24]));
    const both = findPeriods(values, HOUR);
    expect(both[0]!.strength).toBeGreaterThanOrEqual(both.at(-1)!.strength);
  });

  test('that are no multiples are told apart', () => {
    const values = series(3000, (t) => Math.sin((2 * Math.PI * t) / 24) + Math.sin((2 * Math.PI * t) / 150));
    expect(new Set(periodsOf(values))).toEqual(new Set([150, 24]));
  });

  test('are not seen in noise, in a random walk, on a line, in a constant or in few values', () => {
    for (let run = 0; run < 5; run++) {
      let level = 0;
      expect(
        findPeriods(
          series(1500, () => random()),
          HOUR,
        ),
      ).toEqual([]);
      expect(
        findPeriods(
          series(1500, () => (level += random())),
          HOUR,
        ),
      ).toEqual([]);
    }
    expect(findPeriods(series(500, (t) => 3 * t))).toEqual([]);
    expect(findPeriods(series(500, () => 7))).toEqual([]);
    expect(findPeriods(series(2, (t) => t))).toEqual([]);
    expect(findPeriods(new Float64Array(0))).toEqual([]);
    expect(findPeriods(series(100, () => Number.NaN))).toEqual([]);
  });

  test('are found where values are missing, and the calendar gives the length', () => {
    const holes = series(24 * 30, (t) => (t % 5 === 1 || (t > 200 && t < 300) ? Number.NaN : day(t) + 0.3 * random()));
    expect(periodsOf(holes, HOUR)).toEqual([24]);
    const year = series(3650, (t) => Math.sin((2 * Math.PI * t) / 365.25) + random());
    expect(periodsOf(year, 24 * HOUR)).toEqual([365]);
  });

  test('misuse is answered with a sentence', () => {
    expect(() => findPeriods([1, 2] as never)).toThrow(gatecastError('invalid-argument', /^Expected a Float64Array/));
    expect(() => findPeriods(new Float64Array(9), 0)).toThrow(gatecastError('invalid-argument', /for interval/));
  });
});
