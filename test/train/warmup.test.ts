import { expect, test } from 'vitest';
import { rolling } from '../../lib/batch/rolling.ts';
import type { Table } from '../../lib/data/table.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { fit } from '../../lib/train/train.ts';
import { measureWarmup } from '../../lib/train/warmup.ts';
import { describeModel, partsFor } from '../support/models.ts';
import { noisySine } from './series.ts';

const [rows, trained, lookback, horizon] = [400, 300, 24, 4];
const table = noisySine(rows);
const sine = table.columns[0]!;
const options = {
  targets: 'sine',
  inputs: ['sine'],
  horizon,
  lookback,
  hidden: 16,
  batchSize: 32,
  learningRate: 0.004,
  epochs: 20,
};
const split = { train: trained, validation: rows - trained };

/** The forecasts of a state that starts at row `from`, by row: the mean, then each quantile, one after another. */
function forecasts(model: Forecaster, from: number): Map<number, number[]> {
  const rest: Table = { names: ['sine'], columns: [sine.slice(from)] };
  return new Map(
    [...rolling(model, rest)].map(({ row, forecast: { mean, quantiles } }) => {
      return [from + row, [mean, ...Object.values(quantiles)].flatMap((values) => [...values])];
    }),
  );
}

const sum = (values: number[]) => values.reduce((a, b) => a + b);

test('from `warmup` samples on, and not before, a cold state forecasts like a warm one, to 5 % of the error', async () => {
  const model = await fit(table, { ...options, split });
  const { warmup, levels } = model.description;
  // Every row, from the last before the validation rows on, that leaves room for a cold start and all its true values.
  const starts = Array.from({ length: rows - trained - lookback - horizon + 2 }, (_, i) => trained - 1 + i);
  const pairs = starts.map((start) => [forecasts(model, start), forecasts(model, start - lookback + 1)] as const);
  const good = Array.from({ length: lookback }, (_, n) => {
    const apart = pairs.map(([cold, warm], i) => {
      const [a, b] = [cold.get(starts[i]! + n)!, warm.get(starts[i]! + n)!];
      return sum(a.map((value, k) => Math.abs(value - b[k]!))) / (1 + levels.length);
    });
    const errors = pairs.map(([, warm], i) => {
      const row = starts[i]! + n;
      return sum(
        warm
          .get(row)!
          .slice(0, horizon)
          .map((value, h) => Math.abs(sine[row + 1 + h]! - value)),
      );
    });
    return sum(apart) <= 0.05 * sum(errors);
  });
  expect(warmup).toBe(good.lastIndexOf(false) + 2);
  expect(warmup).toBeGreaterThan(1);
  expect(warmup).toBeLessThan(lookback);

  const state = model.createState();
  const ready = Array.from({ length: lookback }, (_, i) => state.step([sine[i]!])!.ready);
  expect(ready.indexOf(true)).toBe(warmup! - 1);
  expect(Forecaster.fromBytes(model.toBytes()).description.warmup).toBe(warmup);
  model.dispose();
});

test('a model that only repeats the last value is ready at once; one with a window, when the window is full', async () => {
  const parts = partsFor(
    describeModel({ inputs: [{ name: 'sine' }], targets: ['sine'], lookback, loss: 'mse', levels: [] }),
  );
  const zero = (name: string) => ({ ...parts.weights[name]!, data: parts.weights[name]!.data.map(() => 0) });
  const weights = { ...parts.weights, 'head.weight': zero('head.weight'), 'head.bias': zero('head.bias') };
  const repeating = Forecaster.from({ ...parts, weights });
  const part = { table, offset: 0, training: { from: 0, to: trained }, validation: { from: trained, to: rows } };
  const shape = { window: 2 * lookback - 1, warmup: lookback - 1, horizon: 3, freeSteps: 0 };
  expect(await measureWarmup(repeating, [part], shape, new AbortController().signal)).toBe(1);

  const windowed = await fit(table, { ...options, split, memory: 'window', epochs: 1 });
  expect(windowed.description.warmup).toBe(lookback);
});

test('ends without a number when aborted', async () => {
  const model = Forecaster.from(partsFor(describeModel({ inputs: [{ name: 'sine' }], targets: ['sine'] })));
  const part = { table, offset: 0, training: { from: 0, to: trained }, validation: { from: trained, to: rows } };
  const shape = { window: 9, warmup: 4, horizon: 3, freeSteps: 0 };
  expect(await measureWarmup(model, [part], shape, AbortSignal.abort())).toBeUndefined();
});
