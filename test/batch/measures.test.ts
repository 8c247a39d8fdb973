import { describe, expect, test } from 'vitest';
import * as metrics from '../../lib/accuracy/metrics.ts';
import { baselines } from '../../lib/baselines/baselines.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import type { Measures, Score } from '../../lib/batch/score.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { seriesOf } from '../../lib/data/series.ts';
import { createRandom } from '../../lib/base/random.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { standInModel } from './stand-in-model.ts';

const random = createRandom(11);
const walk = (rows: number) => {
  let level = 5;
  return Float64Array.from({ length: rows }, () => (level += random() - 0.5));
};
const table = { names: ['a', 'b'], columns: [walk(80), walk(80)] };
const LEVELS = [0.1, 0.5, 0.9];
/** Forecasts something that is neither right nor the last value. */
const model = standInModel({
  inputs: ['a', 'b'],
  targets: ['a', 'b'],
  horizon: 4,
  levels: LEVELS,
  std: [2, 3],
  predict: (last, target, step, level = 0.5) => last[target]! * 0.9 + step * 0.1 + (level - 0.5),
});

/** The measures of `metrics` on lists of all forecasts. */
function listed(targets: readonly number[], steps: readonly number[], from: number, every = 1): Partial<Measures> {
  const truth: number[] = [];
  const forecasts: number[] = [];
  const quantiles: Record<number, number[]> = { 0.1: [], 0.5: [], 0.9: [] };
  const rows = [...rolling(model, table, { from: from - 1, every })].filter(({ row }) => row + 4 < 80);
  for (const { row, forecast } of rows) {
    for (const target of targets) {
      for (const step of steps) {
        truth.push(table.columns[target]![row + step]!);
        const at = target * 4 + step - 1;
        forecasts.push(forecast.mean[at]!);
        for (const level of LEVELS) quantiles[level]!.push(forecast.quantiles[level]![at]!);
      }
    }
  }
  const { mse, mae, rmse, smape } = metrics.pointErrors(truth, forecasts);
  const { pinball, coverage, wql, crps } = metrics.quantileScores(truth, quantiles);
  const interval = { lower: quantiles[0.1]!, upper: quantiles[0.9]! };
  const { coverage: held, width, winkler } = metrics.intervalScores(truth, interval, 0.8);
  return {
    values: truth.length,
    mse,
    mae,
    rmse,
    smape,
    coverage,
    quantiles: { pinball, wql, crps },
    interval: { level: 0.8, held, width, winkler, msis: expect.any(Number) as never },
  };
}

/** Equal but for the order of sums. */
function expectSame(found: object, wanted: object): void {
  for (const [name, value] of Object.entries(wanted)) {
    const own = found[name as keyof typeof found] as unknown;
    if (typeof value === 'number') expect(own, name).toBeCloseTo(value, 10);
    else if (value !== null && typeof value === 'object' && !('$$typeof' in value)) expectSame(own as object, value);
  }
}

describe('the running sums of evaluate give what metrics gives for lists of all forecasts:', () => {
  const score = evaluate(model, table, { from: 40, season: 7 });
  const [all, each] = [
    [0, 1],
    [1, 2, 3, 4],
  ];

  test('over all targets and steps', () => {
    expect(score.windows).toBe(37);
    expectSame(score, listed(all, each, 40));
  });

  test('for each step, each target and each step of a target', () => {
    expect(score.steps).toHaveLength(4);
    expect(Object.keys(score.targets)).toEqual(['a', 'b']);
    for (const step of each) {
      expectSame(score.steps[step - 1]!, listed(all, [step], 40));
      expectSame(score.targets['b']!.steps[step - 1]!, listed([1], [step], 40));
    }
    expectSame(score.targets['a']!, listed([0], each, 40));
  });

  test('scaled by the differences of each target before `from`', () => {
    const history = [...table.columns[1]!.subarray(0, 40)];
    const { mae, mse, mase, rmsse, interval } = score.targets['b']!;
    expect(score.season).toBe(7);
    const unit = metrics.scaledErrors([1], [0], { history, season: 7 });
    expect(mase / mae).toBeCloseTo(unit.mase, 10);
    expect(rmsse / Math.sqrt(mse)).toBeCloseTo(unit.rmsse, 10);
    expect(interval!.msis / interval!.winkler).toBeCloseTo(unit.mase, 10);
  });

  test('with a stride', () => {
    const apart = evaluate(model, table, { from: 40, stride: 6 });
    expect(apart.windows).toBe(7);
    expectSame(apart, listed(all, each, 40, 6));
  });
});

test('a perfect forecaster, which knows the future, makes no error by any measure', () => {
  const truth = table.columns[1]!;
  const known = {
    names: ['row', 'b'],
    columns: [Float64Array.from({ length: 80 }, (_, row) => row), truth],
  };
  const oracle = standInModel({
    inputs: ['row', 'b'],
    targets: ['b'],
    horizon: 5,
    levels: LEVELS,
    predict: (last, _, step) => truth[last[0]! + step]!,
  });
  const score: Score = evaluate(oracle, known, { from: 30 });
  const perfect = {
    mse: 0,
    mae: 0,
    rmse: 0,
    smape: 0,
    mase: 0,
    rmsse: 0,
    scaled: { mse: 0, mae: 0 },
    coverage: { 0.1: 1, 0.5: 1, 0.9: 1 },
    quantiles: { pinball: { 0.1: 0, 0.5: 0, 0.9: 0 }, wql: 0, crps: 0 },
    interval: { level: 0.8, held: 1, width: 0, winkler: 0, msis: 0 },
  };
  expect(score.windows).toBe(46);
  for (const part of [score, ...score.steps, score.targets['b']!, ...score.targets['b']!.steps]) {
    expect(part).toMatchObject(perfect);
  }
});

test('rows in a gap are neither forecast nor what errors are scaled by', () => {
  const [whole, apart] = [{ from: 50 }, { from: 30, gap: 20 }].map((span) => evaluate(model, table, span));
  expect(apart!.windows).toBe(whole!.windows);
  expect(apart!.mae).toBe(whole!.mae);
  expect(apart!.mase).not.toBe(whole!.mase);
  const history = { history: table.columns[0]!.subarray(0, 30) };
  const { mae, mase } = apart!.targets['a']!;
  expect(mase / mae).toBeCloseTo(metrics.scaledErrors([1], [0], history).mase, 10);
});

test('windows that are left out are counted by the reason', () => {
  const holed = { names: ['y'], columns: [walk(30)] };
  holed.columns[0]![20] = Number.NaN;
  const { windows, leftOut } = evaluate(standInModel({ horizon: 3, lookback: 5, predict: (last) => last[0]! }), holed);
  // of 27 rows with a horizon, one has no value, three have one missing in their horizon, and four come too early
  expect({ windows, leftOut }).toEqual({ windows: 19, leftOut: { notReady: 4, missing: 3 } });
});

test('a series that does not move before `from` has no seasonal scale, and is left out of the scaled errors', async () => {
  const still = { names: ['y'], columns: [new Float64Array(40).map((_, row) => (row < 20 ? 3 : row % 5))] };
  const moving = { names: ['y'], columns: [walk(40)] };
  const last = baselines.last({ inputs: ['y'], horizon: 2 });
  const score = await evaluate(
    last,
    seriesOf(
      new Map([
        ['still', still],
        ['moving', moving],
      ]),
    ),
    { from: 20 },
  );
  expect(score.series.get('still')!.mase).toBeNaN();
  expect(score.mase).toBe(score.series.get('moving')!.mase);
});

test.each([
  [3_600_000, 24],
  [900_000, 96],
  [86_400_000, 7],
  [60_000, 1440],
  [1000, 1],
  [31 * 86_400_000, 1],
  [null, 1],
])('the season of rows every %s ms is %s rows', (interval, season) => {
  const hourly = baselines.last({ inputs: ['a'], ...(interval !== null && { interval }) });
  expect(evaluate(hourly, table).season).toBe(season);
});

test('the errors over time are those of each window, and their mean is that of all', () => {
  const at = Float64Array.from({ length: 80 }, (_, row) => 1000 * row);
  const score = evaluate(model, { ...table, at }, { from: 40, stride: 5, origins: true });
  const origins = score.origins!;
  expect(origins.map(({ row, at: time }) => [row, time])).toEqual(
    [40, 45, 50, 55, 60, 65, 70, 75].map((r) => [r, 1000 * r]),
  );
  for (const [n, { row, windows, mae, mse, scaled, naive }] of origins.entries()) {
    const alone = evaluate(model, table, { from: row, to: row + 4 });
    expect(windows, `origin ${n}`).toBe(1);
    expectSame(
      { mae, mse, scaled, naive },
      { mae: alone.mae, mse: alone.mse, scaled: alone.scaled, naive: alone.naive },
    );
  }
  expect(origins.reduce((sum, { mae }) => sum + mae, 0) / origins.length).toBeCloseTo(score.mae, 10);
  expect(evaluate(model, table).origins).toBeUndefined();
});

test.each([{ season: 0 }, { stride: 0 }, { gap: -1 }, { origins: 1 }, { seasons: 3 }])('refuses %o', (options) => {
  expect(() => evaluate(model, table, options as never)).toThrow(gatecastError('invalid-argument', /options/));
});
