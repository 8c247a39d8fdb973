import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, take } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { backtest } from '../../lib/backtest/backtest.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { evaluateClasses } from '../../lib/batch/evaluate-classes.ts';
import { sliceRows } from '../../lib/data/table.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { NetworkOptions } from '../../lib/train/models/choose-model.ts';
import { fit, train } from '../../lib/train/train.ts';
import { noisySine } from './series.ts';

const kinds: [string, Partial<NetworkOptions>][] = [
  ['attention', { attention: 6 }],
  ['attention in a window', { attention: 6, memory: 'window', cell: 'lstm' }],
  ['both directions', { bidirectional: true, memory: 'window', layers: 2, dropout: 0.2 }],
  ['both directions with attention', { bidirectional: true, memory: 'window', attention: 12 }],
  ['all that changes what the head reads', { attention: 6, layers: 2, layerNorm: true, residual: true }],
];

const table = noisySine(360);
const options: NetworkOptions = { targets: 'sine', inputs: ['noise'], horizon: 3, hidden: 6, lookback: 12, epochs: 3 };
const bits = (model: Forecaster) =>
  new Map(Object.entries(model.weights()).map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('hex')]));

describe.each(kinds)('%s', (_, kind) => {
  const given = { ...options, ...kind };

  test('is learned with the same bits for any number of threads, and the file gives the same forecasts', async () => {
    const [one, two] = [await fit(table, { ...given, threads: 1 }), await fit(table, { ...given, threads: 3 })];
    expect(bits(two)).toEqual(bits(one));
    const again = Forecaster.fromBytes(one.toBytes());
    expect(again.description).toEqual(one.description);
    expect(again.fingerprint).toBe(one.fingerprint);
    const of = (model: Forecaster) => [...rolling(model, table, { from: 330 })].map((f) => f.forecast.numbers);
    expect(of(again)).toEqual(of(one));
  });

  test('what the trainer says of the validation rows is what the forecaster does there', async () => {
    const split = { train: 240, validation: 60 };
    const exact = { ...given, loss: 'mse', split, memory: 'window', epochs: 2 } as const;
    const model = await fit(table, exact);
    const { scaled } = evaluate(model, table, { from: 240, to: 300 });
    expect(scaled.mse / model.description.training.validationLoss).toBeCloseTo(1, 4);
  });

  test('goes on from a checkpoint with the bits of a training that was not interrupted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatecast-readout-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const whole = await fit(table, given);
    const kept = { ...given, checkpoint: join(folder, 'a.checkpoint'), checkpointEvery: 0 };
    await lastValueFrom(train(table, kept).pipe(take(2)));
    const resumed = await fit(table, kept);
    expect(bits(resumed)).toEqual(bits(whole));
  });

  test('is learned on from, and what is frozen keeps its bits', async () => {
    const from = await fit(table, given);
    const before = bits(from);
    const tuned = await fit(noisySine(300, 0.1, 5), { from, freeze: ['head'], epochs: 1 });
    expect(tuned.description.network).toEqual(from.description.network);
    for (const [name, value] of bits(tuned)) {
      if (/^(head|attention)\./.test(name)) expect(value, name).toBe(before.get(name));
    }
  });

  test('learns from series shorter than a window, and is judged at origins that move', async () => {
    const short = (from: number, to: number) => sliceRows(table, from, to);
    const model = await fit([short(0, 200), short(200, 209), short(210, 217)], given);
    expect(evaluate(model, short(217, 300)).windows).toBeGreaterThan(0);
    const { mse } = await backtest(table, { train: { ...given, epochs: 1 }, origins: 2 });
    expect(mse).toBeGreaterThan(0);
  });
});

// What tells the two words apart comes at the start of a window, long before the sample that is asked about.
test('a category is told from a window that is read from both ends', async () => {
  const rows = 900;
  const length = 12;
  const kind = Float64Array.from({ length: rows }, (_, i) => ((Math.floor(i / length) * 7) % 5) % 2);
  const mark = kind.map((word, i) => (i % length === 0 ? 2 * word - 1 : 0));
  const wave = { names: ['mark', 'kind'], columns: [mark, kind], words: [undefined, ['a', 'b']] };
  const model = await fit(wave, {
    targets: 'kind',
    horizon: 0,
    memory: 'window',
    bidirectional: true,
    lookback: length,
    hidden: 8,
    epochs: 12,
  });
  const { accuracy } = await evaluateClasses(model, wave, { from: 720 });
  expect(accuracy).toBeGreaterThan(0.9);
});
