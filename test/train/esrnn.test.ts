// Learning of the model esrnn, from options to file and stream.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { backtest } from '../../lib/backtest/backtest.ts';
import { baselines } from '../../lib/baselines/baselines.ts';
import { createRandom } from '../../lib/base/random.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { seriesOf } from '../../lib/data/series.ts';
import { formatSafetensors, parseSafetensors } from '../../lib/files/safetensors.ts';
import { EsrnnForecaster } from '../../lib/model/esrnn/esrnn-forecaster.ts';
import { loadModel } from '../../lib/model/load-model.ts';
import { RecurrentNetwork } from '../../lib/network/recurrent-network.ts';
import { meanNetwork } from '../../lib/train/members.ts';
import { fitSmoothing } from '../../lib/train/models/fit-smoothing.ts';
import type { EsrnnOptions } from '../../lib/train/options.ts';
import { fit, train } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatecast-esrnn-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Series of any level, with days of 6 rows and weeks of 42, and a level that returns from where it wandered. */
function load(seed: number, rows = 340) {
  const random = createRandom(seed);
  const size = 10 ** (4 * random());
  const phase = Math.floor(6 * random());
  const week = Array.from({ length: 7 }, () => 0.3 * (random() - 0.5));
  let apart = 0;
  const values = Float64Array.from({ length: rows }, (_, i) => {
    apart = 0.9 * apart + 0.15 * (random() - 0.5);
    return size * Math.exp(Math.sin((Math.PI * (i + phase)) / 3) / 2 + week[Math.floor(i / 6) % 7]! + apart);
  });
  return { names: ['load'], columns: [values] };
}

const many = new Map(Array.from({ length: 20 }, (_, k) => [`s${k}`, load(k + 1)] as const));
const options: EsrnnOptions = {
  model: 'esrnn',
  targets: 'load',
  horizon: 12,
  lookback: 24,
  hidden: 12,
  members: 2,
  epochs: 20,
};
const quick: EsrnnOptions = { ...options, hidden: 4, epochs: 2, periods: [6] };
const table = load(1);

test('beats the seasonal naive forecast on many series, and on one that it never saw', async () => {
  const model = await fit(seriesOf(many), options);
  expect(model.description).toMatchObject({
    model: 'esrnn',
    lookback: 42,
    smoothing: { periods: [6, 42], log: true, window: 24, block: 2 },
    recurrent: { cell: 'lstm', hidden: 24, layers: 1 },
  });
  for (const period of [6, 42]) {
    const stranger = load(99);
    const naive = evaluate(baselines.seasonal(period, model), stranger, { from: 200 });
    const { mae, interval } = evaluate(model, stranger, { from: 200 });
    expect(mae).toBeLessThan(0.8 * naive.mae);
    expect(interval!.held).toBeGreaterThan(0.75);
  }
});

test('the same seed gives the same bits for any number of threads; goes on from a checkpoint', async () => {
  const plain = await fit(table, { ...quick, threads: 1 });
  const checkpoint = join(folder, 'course');
  await fit(table, { ...quick, threads: 1, checkpoint, checkpointEvery: 1 });
  const shared = await fit(table, { ...quick, threads: 3 });
  const again = await fit(table, { ...quick, threads: 1, checkpoint, checkpointEvery: 1 });
  const other = await fit(table, { ...quick, seed: 9 });
  expect(shared.weights()).toEqual(plain.weights());
  expect(again.weights()).toEqual(plain.weights());
  expect(other.weights()).not.toEqual(plain.weights());
});

describe('a file', () => {
  test('gives the model again, to the bit', async () => {
    const model = await fit(table, quick);
    const path = join(folder, 'a.gatecast');
    await model.save(path);
    const loaded = await loadModel(path);
    expect(loaded).toBeInstanceOf(EsrnnForecaster);
    expect(loaded.fingerprint).toBe(model.fingerprint);
    expect(loaded.toBytes()).toEqual(model.toBytes());
    const numbers = (of: typeof loaded) => [...rolling(of, table, { from: 300 })].map((one) => one.forecast.numbers);
    expect(numbers(loaded)).toEqual(numbers(model));
  });

  test('of which weights were changed is refused', async () => {
    const model = await fit(table, quick);
    const { tensors, metadata } = parseSafetensors(model.toBytes(), 'x');
    tensors['network.weight_ih_l0']!.data.reverse();
    const bytes = formatSafetensors(tensors, metadata);
    expect(() => EsrnnForecaster.fromBytes(bytes, 'x')).toThrow(gatecastError('golden-mismatch', /of x/));
  });
});

test.each(['gru', 'lstm'] as const)('the members of a %s forecast their mean as one network', (cell) => {
  const spec = {
    cell,
    inputSize: 3,
    hiddenSize: 4,
    projSize: 0,
    numLayers: 2,
    bias: true,
    bidirectional: false,
    headSize: 5,
  };
  const members = [1, 2, 3].map((seed) => new RecurrentNetwork(spec, { seed }));
  const dicts = members.map((member) => member.stateDict());
  const joint = Object.fromEntries(
    Object.entries(dicts[0]!).map(([name, { shape }]) => {
      const data = Float32Array.from(dicts.flatMap((dict) => [...dict[name]!.data]));
      return [name, { shape: [3 * shape[0]!, ...shape.slice(1)], data }];
    }),
  );
  const one = new RecurrentNetwork({ ...spec, hiddenSize: 12 });
  one.loadStateDict(meanNetwork(spec, joint, 3));
  const [states, state] = [members.map((member) => member.createState()), one.createState()];
  const random = createRandom(4);
  for (let step = 0; step < 6; step++) {
    const sample = Float32Array.from({ length: 3 }, () => random() - 0.5);
    const each = states.map((own) => own.step(sample).slice());
    state.step(sample).forEach((value, i) => {
      expect(value).toBeCloseTo(each.reduce((sum, output) => sum + output[i]!, 0) / 3, 5);
    });
  }
});

test('finds the seasons that smooth best, and how fast level and seasons move', () => {
  const columns = [...many.values()].map(({ columns: [values] }) => values!);
  expect(fitSmoothing(columns, [[], [6], [6, 42]], true, 12).periods).toEqual([6, 42]);
  const random = createRandom(8);
  const noise = columns.map((values) => values.map(() => 5 + random()));
  expect(fitSmoothing(noise, [[], [6], [6, 42]], true, 12)).toMatchObject({ periods: [], level: 0.02 });
  const steps = columns.map((values) => values.map((_, i) => Math.exp(Math.floor(i / 50) % 4)));
  expect(fitSmoothing(steps, [[], [6]], true, 1)).toMatchObject({ periods: [], level: 0.4 });
});

test('several targets, points, missing values and values that are not positive', async () => {
  const [one, two] = [load(3), load(4)].map(({ columns }) => columns[0]!) as [Float64Array, Float64Array];
  for (let row = 0; row < 300; row++) if (row % 17 === 5) one[row] = Number.NaN;
  const both = { names: ['load', 'cold'], columns: [one, two.map((value) => value - two[0]!)] };
  const model = await fit(both, { ...quick, epochs: 10, targets: ['load', 'cold'], loss: 'mae' });
  expect(model.description).toMatchObject({ gap: 'hold', smoothing: { log: false } });
  const { mae } = evaluate(model, both, { from: 300 });
  const naive = evaluate(baselines.last(model), both, { from: 300 });
  expect(mae).toBeLessThan(naive.mae);
});

describe('a cycle', () => {
  const HOUR = 3_600_000;
  const rows = load(2, 500);
  const timed = (step: number) => ({ ...rows, at: Float64Array.from(rows.columns[0]!, (_, row) => row * step) });
  const once = { ...quick, periods: undefined, lookback: undefined, epochs: 1 };

  test.each([
    ['1d', 4 * HOUR, [6]],
    ['7d', 4 * HOUR, [6, 42]],
    ['7d', 24 * HOUR, [7]],
    ['42m', 60_000, [42]],
  ] as const)('of %s, with a row every %d ms, is seasons of %j rows', async (cycle, step, periods) => {
    const { description } = await fit(timed(step), { ...once, cycle });
    expect(description.smoothing.periods).toEqual(periods);
    expect(description).not.toHaveProperty('cycle');
  });

  test("'auto' and 'none' leave the seasons to `periods`", async () => {
    for (const cycle of ['auto', 'none'] as const) {
      const { description } = await fit(timed(4 * HOUR), { ...once, cycle, periods: [6] });
      expect(description.smoothing.periods).toEqual([6]);
    }
  });

  test.each([
    [{ periods: [6] }, 4 * HOUR, /no value with options.periods, which says the same, for options.cycle/],
    [{}, 5 * HOUR, /a multiple of the time between rows \(18000000 ms\) for options.cycle but received "1d"/],
    [{}, undefined, /rows with times on even steps, for a cycle, for options.cycle/],
  ] as const)('is refused in one sentence with %o and %d ms between rows', (change, step, sentence) => {
    const table = step === undefined ? rows : timed(step);
    expect(() => train(table, { ...once, ...change, cycle: '1d' })).toThrow(
      gatecastError('invalid-argument', sentence),
    );
  });
});

test('a bounded target stays within its bounds', async () => {
  const max = Math.min(...table.columns[0]!) + 1;
  const model = await fit(table, { ...quick, max });
  expect([...rolling(model, table, { from: 330 })].every(({ forecast }) => forecast.mean[0]! <= max)).toBe(true);
});

test('is backtested', async () => {
  const { steps } = await backtest(table, { train: quick, horizon: 12, origins: 2, stride: 12 });
  expect(steps).toHaveLength(12);
});

test.each([
  [{ inputs: ['other'] }, /only the targets, each of which is read alone with the model 'esrnn',/],
  [{ anchor: 'none' }, /no value without the model 'recurrent' or 'deepar' for options.anchor/],
  [{ model: 'segment', periods: [6] }, /no value without the model 'esrnn' for options.periods/],
  [
    { model: 'segment', layers: 2, periods: undefined, members: undefined },
    /no value without the model 'recurrent' or 'deepar' or 'esrnn' for options.layers/,
  ],
  [{ periods: [42, 6] }, /ascending numbers for options.periods but received "42, 6"/],
  [{ lookback: 25 }, /a multiple of 2, a third of the season, for options.lookback but received 25/],
  [{ periods: [1] }, /for options.periods\[0\]/],
  [{ members: 0 }, /for options.members/],
  [{ loss: 'gaussian' }, /the loss of points or quantiles for description.loss but received "gaussian"/],
])('refuses %o in one sentence', (change, sentence) => {
  const wide = { names: ['load', 'other'], columns: [table.columns[0]!, table.columns[0]!] };
  expect(() => train(wide, { ...quick, ...change } as never)).toThrow(gatecastError('invalid-argument', sentence));
});

test('refuses too few rows', () => {
  const short = { names: ['load'], columns: [table.columns[0]!.slice(0, 90)] };
  expect(() => train(short, quick)).toThrow(gatecastError('invalid-data', /rows to learn from \(12 for the first/));
});
