import { lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { train } from '../../lib/train/train.ts';
import { noisySine } from './series.ts';

test('the last emission of a training compares with the baselines on the validation rows', async () => {
  const tables = [noisySine(300), noisySine(260)];
  const options = { targets: tables[0]!.names[0]!, horizon: 3, lookback: 12, hidden: 4, epochs: 1 } as const;
  const passes = await lastValueFrom(train(tables, options).pipe(toArray()));
  expect(passes[0]!.compare).toBeUndefined();
  const { forecaster, compare } = passes.at(-1)!;
  const { windows, model, baselines, best } = await compare!();
  const own = tables.map((table) => {
    const rows = table.columns[0]!.length;
    return evaluate(forecaster!, table, { from: 0.8 * rows });
  });
  expect(windows).toBe(60 - 2 + (52 - 2));
  const mse = own.reduce((sum, score) => sum + (score.windows * score.mse) / windows, 0);
  expect(model.mse).toBeCloseTo(mse, 9);
  expect(baselines[best]!.scaled.mse).toBeLessThanOrEqual(baselines.last!.scaled.mse);
});
