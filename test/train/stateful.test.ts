import { lastValueFrom } from 'rxjs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { seriesOf } from '../../lib/data/series.ts';
import { sliceRows } from '../../lib/data/table.ts';
import { Trainer } from '../../lib/network/trainer.ts';
import { prepareData } from '../../lib/train/data.ts';
import { resolveOptions, type TrainOptions } from '../../lib/train/options.ts';
import { planTraining } from '../../lib/train/plan.ts';
import { fit, train } from '../../lib/train/train.ts';
import { noisySine } from './series.ts';

const options = {
  targets: 'sine',
  horizon: 4,
  lookback: 12,
  hidden: 8,
  loss: 'mse',
  stateful: true,
} as const satisfies TrainOptions;

test('the reported validation loss is the scaled error of a stream that begins `lookback` rows before', async () => {
  // Eight windows of 23 rows forecast from all but the first 11 rows: those before the validation rows.
  const split = { train: 600, validation: 8 * 23 - 11 + 3 };
  const table = sliceRows(noisySine(900), 0, split.train + split.validation);
  const last = await lastValueFrom(train(table, { ...options, split, epochs: 20 }));
  const { bestEpoch, validationLoss, stateful } = last.forecaster!.description.training;
  expect(stateful).toBe(true);
  expect(bestEpoch).toBeGreaterThan(0);
  const score = evaluate(last.forecaster!, sliceRows(table, 600 - 12, 776), { from: 12 });
  expect(score.windows).toBe(173);
  expect(score.scaled.mse / validationLoss).toBeCloseTo(1, 4);
  expect(score.mse).toBeLessThan(0.5 * score.naive.mse);
});

test('nearly all windows that are learned from go on from the batch before', async () => {
  const run = vi.spyOn(Trainer.prototype, 'run');
  onTestFinished(() => run.mockRestore());
  const whole = await fit(noisySine(900), { ...options, epochs: 2 });
  const window = 2 * 12 - 1;
  let [carried, all] = [0, 0];
  let before = new Set<number>();
  for (const [starts] of run.mock.calls) {
    for (let from = 0; from < starts.length; from += 8) {
      const batch = [...starts.subarray(from, from + 8)];
      carried += batch.filter((start) => before.has(start)).length;
      all += batch.length;
      before = new Set(batch.map((start) => start + window));
    }
  }
  expect(carried / all).toBeGreaterThan(0.75);
  const windows = await fit(noisySine(900), { ...options, stateful: false, epochs: 2 });
  expect(windows.fingerprint).not.toBe(whole.fingerprint);
  expect(windows.description.training).not.toHaveProperty('stateful');
  expect(windows.description.lookback).toBe(12);
});

test('series of any length, holes, missing values, words and copies are learned from', async () => {
  const holed = noisySine(400);
  holed.columns[0]!.fill(Number.NaN, 100, 140);
  holed.columns[0]!.forEach((_, row, column) => row % 7 === 3 && (column[row] = Number.NaN));
  const series = new Map([
    ['holed', holed],
    ['short', noisySine(30, 0.1, 3)],
    ['long', noisySine(300, 0.1, 4)],
  ]);
  for (const more of [
    {},
    { scale: 'series' },
    { levelShift: 3, scale: 'global' },
    { cell: 'lstm', layers: 2 },
  ] as const) {
    const model = await fit(seriesOf(series), { ...options, ...more, epochs: 12 });
    const score = evaluate(model, noisySine(500, 0.1, 9), { from: 100 });
    expect(score.mse, JSON.stringify(more)).toBeLessThan(0.7 * score.naive.mse);
    model.dispose();
  }
  const words = {
    names: ['x', 'state'],
    columns: [0, 1].map(() => Float64Array.from({ length: 300 }, (_, i) => Math.floor(i / 3) % 2)),
    words: [undefined, ['on', 'off']],
  };
  const told = await fit(words, {
    targets: 'state',
    horizon: 0,
    inputs: ['x'],
    lookback: 12,
    hidden: 4,
    epochs: 10,
    stateful: true,
  });
  expect(told.description.training.validationLoss).toBeLessThan(0.2);
});

test('the states of a chain begin anew in each series and after a hole', async () => {
  const table = noisySine(200);
  table.columns[0]!.fill(Number.NaN, 80, 110);
  const plan = planTraining(
    [
      { ...table, key: 'a' },
      { ...noisySine(100), key: 'b' },
    ],
    resolveOptions(options),
  );
  const { marks, shape } = await prepareData(plan, 0);
  expect(shape).toMatchObject({ window: 23, warmup: 11, chain: expect.any(Number) as number });
  expect([...marks.begins!]).toEqual([0, 110, 200]);
});

test('a model of windows goes on learning from states, and one of states from windows', async () => {
  const table = noisySine(600);
  const from = await fit(table, { ...options, stateful: false, epochs: 3 });
  const on = await fit(table, { from, stateful: true, epochs: 2 });
  expect(on.description.training).toMatchObject({ stateful: true, from: from.fingerprint });
  expect((await fit(table, { from: on, epochs: 1 })).description.training).not.toHaveProperty('stateful');
});
