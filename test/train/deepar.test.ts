// Learning of models that draw sample paths, from options to file, table and stream; and of what paths of others need.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crps } from '../../lib/accuracy/crps.ts';
import { backtest } from '../../lib/backtest/backtest.ts';
import { createRandom } from '../../lib/base/random.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { predict } from '../../lib/batch/predict.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { normalQuantile } from '../../lib/base/normal.ts';
import type { Table } from '../../lib/data/table.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { loadModel } from '../../lib/model/load-model.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import type { NetworkOptions } from '../../lib/train/models/choose-model.ts';
import { fit, train } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatecast-deepar-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HOUR = 3_600_000;
const [FACTOR, DEVIATION] = [0.8, 2];

/** An autoregression of order 1 about a level of 50. */
function autoregression(rows: number, seed = 5): Table {
  const random = createRandom(seed);
  let distance = 0;
  const column = Float64Array.from({ length: rows }, () => {
    distance = FACTOR * distance + DEVIATION * normalQuantile(0.0005 + 0.999 * random());
    return 50 + distance;
  });
  return { names: ['x'], columns: [column], at: column.map((_, row) => row * HOUR) };
}

const quick: NetworkOptions = {
  model: 'deepar',
  targets: 'x',
  horizon: 8,
  paths: 100,
  hidden: 8,
  lookback: 24,
  epochs: 12,
  loss: 'gaussian',
  calendar: 'none',
};

describe('an autoregression of order 1', () => {
  const table = autoregression(1500);
  let model: Forecaster;
  beforeAll(async () => {
    model = await fit(table, quick);
  });

  test('is learned: paths have about the mean and the variance of its closed form', () => {
    const column = table.columns[0]!;
    const [far, spreads] = [[] as number[], [] as number[]];
    for (const { row, forecast: one } of rolling(model, table, { from: 1300, every: 10 })) {
      const values = Float64Array.from({ length: 100 }, (_, p) => one.samples![p * 8 + 7]!);
      const mean = values.reduce((a, b) => a + b, 0) / 100;
      far.push(mean - (50 + FACTOR ** 8 * (column[row]! - 50)));
      spreads.push(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 100);
    }
    const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const variance = (DEVIATION ** 2 * (1 - FACTOR ** 16)) / (1 - FACTOR ** 2);
    expect(Math.abs(average(far))).toBeLessThan(0.25 * Math.sqrt(variance));
    expect(average(spreads) / variance).toBeGreaterThan(0.7);
    expect(average(spreads) / variance).toBeLessThan(1.4);
  });

  test('gives the same bits in a table, a stream, a state and after a file', async () => {
    expect(model.description).toMatchObject({ horizon: 8, paths: { count: 100, seed: 1 }, network: { headSize: 2 } });
    expect(model.description.dependence).toBeUndefined();
    const path = join(folder, 'paths.gatecast');
    await model.save(path);
    const loaded = (await loadModel(path)) as Forecaster;
    expect(loaded).toBeInstanceOf(Forecaster);
    expect(loaded.fingerprint).toBe(model.fingerprint);
    const samples = Array.from({ length: 40 }, (_, row) => ({ at: row * HOUR, values: [table.columns[0]![row]!] }));
    const state = loaded.createState();
    const alone = samples.map((one) => state.step(one)!.samples);
    const streamed = await lastValueFrom(from(samples).pipe(forecast(model), toArray()));
    expect(streamed.map((one) => one.samples)).toEqual(alone);
    const rows = { ...table, columns: [table.columns[0]!.slice(0, 40)], at: table.at!.slice(0, 40) };
    expect([...rolling(model, rows)].map((one) => one.forecast.samples)).toEqual(alone);
    expect(new Set(alone.map((one) => one![0])).size).toBe(40);
  });

  test('is evaluated: the intervals of the paths hold, and the score of samples is that of the quantiles', async () => {
    const { interval, quantiles } = evaluate(model, table, { from: 1300 });
    expect(interval!.held).toBeGreaterThan(0.8);
    expect(interval!.held).toBeLessThan(0.96);
    const [truth, samples] = [[] as number[], [] as Float64Array[]];
    for (const { row, forecast: one } of rolling(model, table, { from: 1299 })) {
      if (row + 8 >= 1500) break;
      for (let h = 0; h < 8; h++) {
        truth.push(table.columns[0]![row + 1 + h]!);
        samples.push(Float64Array.from({ length: 100 }, (_, p) => one.samples![p * 8 + h]!));
      }
    }
    expect(crps(truth, { samples }).crps).toBeCloseTo(quantiles!.crps, 0);
  });

  test('learns on, keeps its steps and paths, and compares with baselines', async () => {
    const last = await lastValueFrom(train(autoregression(500, 6), { from: model, epochs: 2, seed: 4 }));
    const { forecaster } = last;
    expect(forecaster!.description).toMatchObject({ horizon: 8, paths: { count: 100, seed: 4 } });
    expect(forecaster!.description.training.from).toBe(model.fingerprint);
    expect([...forecaster!.scaler.mean]).toEqual([...model.scaler.mean]);
    expect(Object.keys((await last.compare!()).baselines)).toContain('last');
  });

  test('the same seed gives the same bits, from a checkpoint too', async () => {
    const checkpoint = join(folder, 'learning');
    const options = { ...quick, epochs: 3, checkpoint, checkpointEvery: '0s' } as const;
    const plain = await fit(table, { ...quick, epochs: 3 });
    await fit(table, options);
    expect((await fit(table, options)).fingerprint).toBe(plain.fingerprint);
  });
});

test('looks back on the rhythm of the training rows, which it then need not remember', async () => {
  const random = createRandom(3);
  const column = Float64Array.from({ length: 700 }, (_, row) => (((row % 17) * 7) % 5) + 0.2 * random());
  const table = { names: ['x'], columns: [column] };
  const { lags } = (await fit(table, { ...quick, epochs: 1 })).description;
  expect(lags).toEqual([2, 3, 4, 5, 6, 7, 16, 17, 18]);
  const model = await fit(table, { ...quick, horizon: 34, lags: [17], split: { train: 500, validation: 100 } });
  expect(model.description.lags).toEqual([17]);
  const { mae } = evaluate(model, table, { from: 600 });
  expect(mae).toBeLessThan(0.25);
  expect((await fit(table, { ...quick, lags: 'none', epochs: 1 })).description.lags).toBeUndefined();
});

test('is trained and scored at origins that move', async () => {
  const train = { ...quick, epochs: 1, paths: 20 };
  const score = await backtest(autoregression(500), { train, origins: 3, stride: 30, refit: false });
  expect(score.windows).toBe(3);
  expect(score.quantiles!.crps).toBeGreaterThan(0);
});

test('series of counts of different levels, with a static word and a plan, each drawn at its own level', async () => {
  const random = createRandom(8);
  const series = [2, 40].map((level, k): Table => {
    const plan = Float64Array.from({ length: 500 }, (_, row) => Math.floor(row / 5) % 2);
    const sold = plan.map((promoted) => Math.round(level * (promoted ? 3 : 1) * (0.5 + random())));
    const kind = new Float64Array(500).fill(k);
    return {
      names: ['sold', 'plan', 'kind'],
      columns: [sold, plan, kind],
      words: [undefined, undefined, ['small', 'large']],
      roles: ['target', 'future', 'static'],
    };
  });
  const model = await fit(series, {
    model: 'deepar',
    horizon: 5,
    paths: 60,
    loss: 'negative-binomial',
    hidden: 16,
    lookback: 10,
    epochs: 30,
  });
  expect(model.description.inputs.map(({ name }) => name)).toEqual([
    'kind',
    'plan',
    'sold',
    'plan+1',
    'plan+2',
    'plan+3',
    'plan+4',
    'plan+5',
  ]);
  for (const [k, level] of [2, 40].entries()) {
    const rows = { ...series[k]!, columns: series[k]!.columns.map((column) => column.slice(0, 400)) };
    rows.columns[0] = rows.columns[0]!.map((value, row) => (row < 394 ? value : Number.NaN)); // a plan follows
    const [one] = (await predict(model, rows)).values();
    expect(one!.forecast.samples!.every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
    const wanted = [0, 1, 2, 3, 4].map((h) => level * (Math.floor((394 + h) / 5) % 2 ? 3 : 1));
    wanted.forEach((value, h) => expect(one!.forecast.mean[h]! / value).toBeGreaterThan(0.5));
    wanted.forEach((value, h) => expect(one!.forecast.mean[h]! / value).toBeLessThan(1.7));
  }
});

test('what paths of other models need is found in the validation rows', async () => {
  const table = autoregression(1200);
  const { model: _, paths: __, ...direct } = quick;
  const model = await fit(table, { ...direct, loss: 'quantile' });
  const [found] = model.description.dependence!;
  // The errors of an autoregression h and h + 1 steps ahead go together with factor sqrt((1 - f^2h) / (1 - f^(2h + 2))).
  for (let h = 1; h < 8; h++) {
    const known = FACTOR * Math.sqrt((1 - FACTOR ** (2 * h)) / (1 - FACTOR ** (2 * h + 2)));
    expect(Math.abs(found![h - 1]! - known), `${h}`).toBeLessThan(0.15);
  }
  const loaded = Forecaster.fromBytes(model.toBytes());
  expect(loaded.description.dependence).toEqual(model.description.dependence);
  const last = [...rolling(loaded, table, { from: 1190 })].at(-1)!;
  expect(last.forecast.paths(50)).toHaveLength(400);
});

test('of a category that stays for a while, paths mostly stay', async () => {
  const random = createRandom(9);
  let place = 0;
  const state = Float64Array.from({ length: 800 }, () => (place = random() < 0.1 ? 1 - place : place));
  const table = { names: ['state'], columns: [state], words: [['off', 'on']] };
  const model = await fit(table, { targets: 'state', horizon: 4, hidden: 4, lookback: 8, epochs: 4 });
  const [dependence] = model.description.dependence!;
  for (const each of dependence!) expect(each).toBeGreaterThan(0.5);
  const last = [...rolling(model, table, { from: 790 })].at(-1)!;
  const paths = last.forecast.paths(200);
  const stays = paths.filter((value, i) => i % 4 > 0 && value === paths[i - 1]).length;
  expect(stays / 600).toBeGreaterThan(0.7); // 0.57 if its steps were independent
});

const small = autoregression(400);
test.each([
  [{ loss: 'quantile' }, /'gaussian' or 'student-t' or 'negative-binomial' with the model 'deepar' for options.loss/],
  [{ memory: 'window' }, /no value without the model 'recurrent' for options.memory/],
  [{ levelShift: 1 }, /no value without the model 'recurrent' for options.levelShift/],
  [{ lags: [1] }, /options.lags/],
  [{ lags: [24, 24] }, /different lags for options.lags/],
  [{ lags: 'week' }, /options.lags/],
  [{ paths: 1 }, /options.paths/],
  [{ paths: 1.5 }, /options.paths/],
  [{ model: 'recurrent' }, /no value without the model 'deepar' for options.paths/],
  [{ segment: 4 }, /no value without the model 'segment' for options.segment/],
  [{ horizon: 0 }, /options.horizon/],
  [{ paths: 10_000, horizon: 101 }, /at most 9900, .* for options.paths/],
  [{ model: 'deeparr' }, /'recurrent' or 'deepar' or 'segment' or 'esrnn' for options.model/],
] as const)('options that do not fit are refused: %o', (changes, message) => {
  expect(() => train(small, { ...quick, ...(changes as object) })).toThrow(gatecastError('invalid-argument', message));
});

test('inputs of which it does not know what comes are refused', () => {
  const table = { ...small, names: ['x', 'wind'], columns: [small.columns[0]!, small.columns[0]!.slice()] };
  expect(() => train(table, { ...quick, inputs: ['wind'] })).toThrow(
    gatecastError('invalid-argument', /only columns with the role 'future' or 'static' .* for the inputs .*wind/),
  );
});
