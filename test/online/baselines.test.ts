import { describe, expect, test } from 'vitest';
import { BASELINES, Baselines } from '../../lib/online/judging/baselines.ts';

function after(baselines: Baselines, values: number[][]) {
  const row = new Float64Array(baselines.size);
  baselines.reset(row, 0);
  for (const value of values) baselines.observe(row, 0, Float64Array.from(value));
  return (target: number, step: number) => {
    const full = Float64Array.from([...row, 0, 0, 0]);
    baselines.forecast(full, 0, target, step, row.length);
    return Object.fromEntries(BASELINES.map((name, i) => [name, full[row.length + i]!]));
  };
}

describe('Baselines', () => {
  test('cases worked by hand', () => {
    const forecast = after(new Baselines(2, 3, 0.25), [
      [1, 10],
      [5, 20],
      [9, 30],
      [13, 40],
    ]);
    // Smoothed: 1, then 1 + 4/4 = 2, 2 + 7/4 = 3.75, 3.75 + 9.25/4 = 6.0625. A season ago: 5, 9, 13, and again.
    expect([1, 2, 3, 4, 7].map((step) => forecast(0, step).seasonal)).toEqual([5, 9, 13, 5, 5]);
    expect(forecast(0, 2)).toEqual({ last: 13, seasonal: 9, smoothed: 6.0625 });
    expect(forecast(1, 1)).toEqual({ last: 40, seasonal: 20, smoothed: 10 + 2.5 + 4.375 + 5.78125 });
  });

  test('missing values leave the last and the smoothed value, and a gap in the season', () => {
    const forecast = after(new Baselines(1, 2, 0.5), [[4], [8], [Number.NaN]]);
    expect(forecast(0, 1)).toEqual({ last: 8, seasonal: 8, smoothed: 6 });
    expect(after(new Baselines(1, 2, 0.5), [[4], [8], [Number.NaN], [9]])(0, 1).seasonal).toBe(9);
  });

  test('nothing is forecast before the first value, and the last value until a season has been seen', () => {
    const baselines = new Baselines(1, 4, 0.5);
    expect(Object.values(after(baselines, [])(0, 1))).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(after(baselines, [[1], [3]])(0, 2)).toEqual({ last: 3, seasonal: 3, smoothed: 2 });
  });

  test('without a season the seasonal forecast is the last value', () => {
    expect(after(new Baselines(1, 0, 0.5), [[1], [3]])(0, 5).seasonal).toBe(3);
  });
});
