// Learning of models that read their window in segments, from options to file and stream.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { afterAll, describe, expect, test } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { createRandom } from '../../lib/base/random.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { loadModel } from '../../lib/model/load-model.ts';
import { SegmentForecaster } from '../../lib/model/segment/segment-forecaster.ts';
import type { SegmentOptions } from '../../lib/train/options.ts';
import { fit, train } from '../../lib/train/train.ts';
import { formatSafetensors, parseSafetensors } from '../../lib/files/safetensors.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatecast-segment-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Two rhythms of 12 rows with a level that wanders, so that the last value is a bad forecast. */
function rhythms(rows = 500) {
  const random = createRandom(5);
  let level = 0;
  const columns = [new Float64Array(rows), new Float64Array(rows)];
  for (let i = 0; i < rows; i++) {
    level += 0.1 * (random() - 0.5);
    columns[0]![i] = 100 + level + 3 * Math.sin((Math.PI * i) / 6);
    columns[1]![i] = -20 - 2 * level + Math.cos((Math.PI * i) / 6) + (i % 12 === 0 ? 1 : 0);
  }
  return { names: ['a', 'b'], columns };
}

const table = rhythms();
const options: SegmentOptions = {
  model: 'segment',
  targets: ['a', 'b'],
  horizon: 10,
  lookback: 36,
  segment: 6,
  hidden: 12,
  epochs: 20,
  batchSize: 16,
  learningRate: 0.01,
  split: { train: 350, validation: 100 },
};

test.each([
  { loss: 'quantile' },
  { loss: 'mse', cell: 'lstm', normalise: 'instance' },
  { loss: 'mae', channels: 'independent' },
  { loss: 'gaussian', normalise: 'instance' },
] as const)('forecasts two rhythms better than their last values: %o', async (change) => {
  const model = await fit(table, { ...options, ...change });
  const { mae, naive, interval } = evaluate(model, table, { from: 450 });
  expect(mae).toBeLessThan(0.5 * naive.mae);
  expect(interval!.held).toBeGreaterThan(0.5);
  expect(model.description).toMatchObject({ lookback: 36, model: 'segment' });
  expect(model.description.dependence!.map(({ length }) => length)).toEqual([9, 9]);
});

test('the same seed gives the same bits for any number of threads; goes on from a checkpoint', async () => {
  const plain = await fit(table, { ...options, threads: 1 });
  const checkpoint = join(folder, 'course');
  await fit(table, { ...options, threads: 1, checkpoint, checkpointEvery: 1 });
  const [shared, again, other] = await Promise.all([
    fit(table, { ...options, threads: 3 }),
    fit(table, { ...options, threads: 1, checkpoint, checkpointEvery: 1 }),
    fit(table, { ...options, seed: 2 }),
  ]);
  expect(shared.weights()).toEqual(plain.weights());
  expect(again.weights()).toEqual(plain.weights());
  expect(other.weights()).not.toEqual(plain.weights());
});

describe('a file', () => {
  test('gives the model again, to the bit', async () => {
    const model = await fit(table, { ...options, epochs: 1 });
    const path = join(folder, 'a.gatecast');
    await model.save(path);
    const loaded = await loadModel(path);
    expect(loaded).toBeInstanceOf(SegmentForecaster);
    expect(loaded.fingerprint).toBe(model.fingerprint);
    expect(loaded.toBytes()).toEqual(model.toBytes());
    const numbers = (of: typeof loaded) => [...rolling(of, table, { from: 400 })].map((one) => one.forecast.numbers);
    expect(numbers(loaded)).toEqual(numbers(model));
  });

  test('of which weights were changed is refused', async () => {
    const model = await fit(table, { ...options, epochs: 1 });
    const { tensors, metadata } = parseSafetensors(model.toBytes(), 'x');
    tensors['network.weight_ih_l0']!.data.reverse();
    const bytes = formatSafetensors(tensors, metadata);
    expect(() => SegmentForecaster.fromBytes(bytes, 'x')).toThrow(gatecastError('golden-mismatch', /network of x/));
  });
});

test('missing values are filled, and have no part in the loss', async () => {
  const holed = rhythms();
  for (let row = 0; row < 430; row++) if (row % 7 === 3) holed.columns[0]![row] = Number.NaN;
  for (let row = 100; row < 400; row += 100) holed.columns[1]!.fill(Number.NaN, row, row + 5);
  const model = await fit(holed, options);
  expect(model.description.gap).toBe('hold');
  const { mae, naive } = evaluate(model, holed, { from: 450 });
  expect(mae).toBeLessThan(0.6 * naive.mae);
});

test('a bounded target stays within its bounds', async () => {
  const model = await fit(table, { ...options, epochs: 1, min: { a: 99 } });
  const lowest = [...rolling(model, table)].map(({ forecast }) => Math.min(...forecast.mean.slice(0, 10)));
  expect(Math.min(...lowest)).toBe(99);
});

test('a cycle is taken out before learning and added to the forecasts: hardly anything is left to learn', async () => {
  const HOUR = 3_600_000;
  const random = createRandom(3);
  const day = (hour: number) => [5, 9, 17].filter((of) => of <= hour).length * 4 - (hour === 12 ? 6 : 0);
  const at = Float64Array.from({ length: 24 * 40 }, (_, i) => Date.UTC(2024, 0, 1) + i * HOUR);
  const y = at.map((_, i) => 50 + day(i % 24) + 0.3 * (random() - 0.5));
  const hours = { names: ['y'], columns: [y], at };
  const given = { model: 'segment', targets: 'y', horizon: 24, lookback: 48, hidden: 4, epochs: 1 } as const;
  const split = { train: 24 * 25, validation: 24 * 8 };
  const errors: number[] = [];
  for (const cycle of ['none', 'auto', '1d'] as const) {
    const model = await fit(hours, { ...given, split, cycle });
    expect(model.description.cycle?.phases).toBe(cycle === 'none' ? undefined : 24);
    const again = SegmentForecaster.fromBytes(model.toBytes());
    errors.push(evaluate(again, hours, { from: 24 * 33 }).mae);
  }
  expect(errors[1]).toBeLessThan(0.2); // noise of 0.3 has a mean distance of 0.1 between two values
  expect(errors[2]).toBe(errors[1]);
  expect(errors[0]).toBeGreaterThan(5 * errors[1]!);
});

test('progress goes from the last value to what is learned', async () => {
  const last = await lastValueFrom(train(table, { ...options, epochs: 2, loss: 'mse' }));
  expect(last.epoch).toBe(2);
  expect(last.forecaster!.description.training.epochs).toBe(2);
});

test('untrained, it repeats the last value or gives the mean of its window', async () => {
  const flat = { ...options, epochs: 1, learningRate: 1e-9, loss: 'mse', linear: false } as const;
  const last = await fit(table, flat);
  const { forecast, row } = [...rolling(last, table)].at(-1)!;
  expect(forecast.mean[0]).toBeCloseTo(table.columns[0]![row]!, 4);
  const mean = await fit(table, { ...flat, normalise: 'instance' });
  const window = table.columns[1]!.slice(row - 35, row + 1);
  const expected = window.reduce((sum, value) => sum + value, 0) / 36;
  expect([...rolling(mean, table)].at(-1)!.forecast.mean[10]).toBeCloseTo(expected, 4);
});

test.each([
  [{ inputs: ['c'] }, /only the targets, each of which is read alone with the model 'segment',/],
  [{ layers: 2 }, /no value without the model 'recurrent' or 'deepar' or 'esrnn' for options.layers/],
  [{ model: 'recurrent', segment: 6 }, /no value without the model 'segment' for options.segment/],
  [{ lookback: 35 }, /a multiple of options.segment \(6\) for options.lookback but received 35/],
  [{ hidden: 11 }, /an even number with channels/],
  [{ gap: 'mask' }, /'hold', 'decay' or 'impute' with the model 'segment'/],
  [{ model: 'segments' }, /'recurrent' or 'deepar' or 'segment' or 'esrnn' for options.model/],
  [{ linear: 'none' }, /true or false for options.linear/],
  [
    { model: 'recurrent', segment: undefined, linear: false },
    /no value without the model 'segment' for options.linear/,
  ],
  [{ normalise: 'none' }, /'last' or 'instance'/],
])('refuses %o in one sentence', (change, sentence) => {
  const columns = [...table.columns, new Float64Array(500)];
  const holed =
    'gap' in change ? columns.map((column) => column.map((v, i) => (i % 50 === 9 ? Number.NaN : v))) : columns;
  expect(() => train({ names: ['a', 'b', 'c'], columns: holed }, { ...options, ...change } as never)).toThrow(
    gatecastError('invalid-argument', sentence),
  );
});

test('refuses too few rows', () => {
  const short = { names: ['a', 'b'], columns: table.columns.map((column) => column.slice(0, 50)) };
  const { split: _split, ...others } = options;
  expect(() => train(short, others)).toThrow(gatecastError('invalid-data', /at least 46 rows to learn from/));
});
