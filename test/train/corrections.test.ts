import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import type { Table } from '../../lib/data/table.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { fit } from '../../lib/train/train.ts';

/** A sine in noise that is twice as loud after row 250. */
function noisy(rows: number): Table {
  const random = createRandom(6);
  const noise = (t: number) => (t < 250 ? 0.5 : 1) * (random() + random() + random() + random() - 2);
  return { names: ['y'], columns: [Float64Array.from({ length: rows }, (_, t) => 2 * Math.sin(t / 5) + noise(t))] };
}

const options = { targets: 'y', horizon: 4, hidden: 8, lookback: 24, epochs: 20 };
const split = { train: 250, validation: 400 };

describe('the quantiles of a model that learned from quieter rows', () => {
  test('are corrected by the validation rows, and then hold as many values as their levels say', async () => {
    const table = noisy(3000);
    const model = await fit(table, { ...options, split });
    expect(model.residuals!.shape).toEqual([4, 7]);
    const { description, scaler } = model;
    const raw = Forecaster.from({ description, weights: model.weights(), scaler });
    const [before, after] = [raw, model].map((one) => evaluate(one, table, { from: 650 }));
    const miss = (held: number) => Math.abs(held - 0.9);
    expect(miss(before!.interval!.held)).toBeGreaterThan(0.1); // else there is nothing to show
    expect(miss(after!.interval!.held)).toBeLessThan(0.5 * miss(before!.interval!.held));
    expect(after!.mae).toBe(before!.mae); // the forecast itself stays
    for (const { forecast } of rolling(model, table, { every: 50 })) {
      const rows = Object.values(forecast.quantiles);
      for (let h = 0; h < 4; h++)
        expect(rows.map((row) => row[h])).toEqual(rows.map((row) => row[h]!).toSorted((a, b) => a - b));
    }
  });

  test('are the same after the model was saved, and corrections are part of its fingerprint', async () => {
    const model = await fit(noisy(700), { ...options, epochs: 1, split });
    const read = Forecaster.fromBytes(model.toBytes());
    expect(read.residuals).toEqual(model.residuals);
    const { description, scaler } = model;
    const raw = Forecaster.from({ description, weights: model.weights(), scaler });
    expect(raw.fingerprint).not.toBe(model.fingerprint);
  });

  test('are corrected little by few validation rows', async () => {
    const size = async (validation: number) => {
      const model = await fit(noisy(700), { ...options, split: { train: 250, validation } });
      return Math.hypot(...model.residuals!.data);
    };
    expect(await size(12)).toBeLessThan(await size(400));
  });
});
