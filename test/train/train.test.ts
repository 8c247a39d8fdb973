import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { sliceRows } from '../../lib/data/table.ts';
import type { TrainOptions } from '../../lib/train/options.ts';
import { fit, train } from '../../lib/train/train.ts';
import { noisySine } from './series.ts';

const table = noisySine(1500);
const options: TrainOptions = { targets: 'sine', inputs: ['sine'], horizon: 6, hidden: 16, lookback: 24, epochs: 30 };
const known = sliceRows(table, 0, 1200);
const bits = (model: { weights(): Record<string, { data: Float32Array }> }) =>
  Object.entries(model.weights()).map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('base64')]);

describe('learning', () => {
  test.each([
    { cell: 'gru', loss: 'quantile' },
    { cell: 'gru', loss: 'mse' },
    { cell: 'gru', loss: 'mae' },
    { cell: 'lstm', loss: 'quantile' },
    { cell: 'gru', loss: 'quantile', memory: 'window' },
  ] as const)('a sine with noise is forecast far better than by its last value: %o', async (choice) => {
    const model = await fit(known, { ...options, ...choice });
    const score = evaluate(model, table, { from: 1200 });
    expect(score.mse).toBeLessThan(0.35 * score.naive.mse);
    const { 0.1: low, 0.9: high } = score.coverage;
    expect(high! - low!).toBeGreaterThan(0.65);
    expect(high! - low!).toBeLessThan(0.95);
    model.dispose();
  });

  test('one model learns from several tables, with no window across two of them', async () => {
    const model = await fit([sliceRows(known, 0, 600), sliceRows(known, 600, 1200)], options);
    const score = evaluate(model, table, { from: 1200 });
    expect(score.mse).toBeLessThan(0.5 * score.naive.mse);
    expect(model.description.training.rows).toBe(2 * 480);
  });

  test('the forecaster has all that is needed to use it correctly', async () => {
    const { description } = await fit(known, { ...options, epochs: 2 });
    expect(description).toMatchObject({
      inputs: [{ name: 'sine', unit: '°C' }],
      targets: ['sine'],
      interval: 60_000,
      horizon: 6,
      lookback: 24,
      memory: 'carried',
      training: { rows: 960, validationRows: 240, epochs: 2, seed: 1 },
    });
  });
});

describe('no leakage', () => {
  test('changing rows after the training part changes neither the scaler nor what a pass learns', async () => {
    const altered = noisySine(1500);
    altered.columns[0]!.fill(20, 1000);
    const fixed = { ...options, epochs: 1, split: { train: 1000, validation: 200 } };
    const [one, two] = await Promise.all([table, altered].map((each) => lastValueFrom(train(each, fixed))));
    expect(two!.trainLoss).toBe(one!.trainLoss);
    expect(two!.forecaster!.scaler).toEqual(one!.forecaster!.scaler);
    expect(two!.validationLoss).not.toBe(one!.validationLoss);
  });

  test('the best pass is the one with the lowest validation loss', async () => {
    const passes = await lastValueFrom(train(known, { ...options, epochs: 12 }).pipe(toArray()));
    const best = passes.reduce((a, b) => (b.validationLoss < a.validationLoss ? b : a));
    expect(passes.at(-1)!.bestEpoch).toBe(best.epoch);
    expect(passes.map(({ epoch }) => epoch)).toEqual([...passes.keys()]);
    expect(passes.filter(({ forecaster }) => forecaster)).toEqual([passes.at(-1)]);
  });
});

describe('train as an Observable', () => {
  test('the same seed gives the same bits; another seed gives others', async () => {
    const short = { ...options, epochs: 3, layers: 2, dropout: 0.2 };
    const [a, b, c] = [await fit(known, short), await fit(known, short), await fit(known, { ...short, seed: 2 })];
    expect(bits(b)).toEqual(bits(a));
    expect(bits(c)).not.toEqual(bits(a));
  });

  test('each subscription trains again, and nothing happens without one', async () => {
    const passes = train(known, { ...options, epochs: 2 });
    const [one, two] = await Promise.all([lastValueFrom(passes), lastValueFrom(passes)]);
    expect(bits(two.forecaster!)).toEqual(bits(one.forecaster!));
    expect(two.forecaster).not.toBe(one.forecaster);
  });

  test('unsubscribing ends the work, between passes and within one', async () => {
    const long = train(known, { ...options, epochs: 100_000, patience: 100_000 });
    await firstValueFrom(long);
    expect(await lastValueFrom(long.pipe(take(3)))).toMatchObject({ epoch: 2 });
    const emitted: number[] = [];
    const subscription = long.subscribe(({ epoch }) => emitted.push(epoch));
    await new Promise((resolve) => setTimeout(resolve, 30));
    subscription.unsubscribe();
    const before = emitted.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(emitted.length).toBe(before);
  });

  test('the event loop keeps turning while it learns', async () => {
    let turns = 0;
    const ticking = setInterval(() => turns++, 5);
    await fit(known, { ...options, hidden: 192, epochs: 3, patience: 3, loss: 'mse' });
    clearInterval(ticking);
    // A call that held the thread would let one or two turns through between passes. These passes take many ticks.
    expect(turns).toBeGreaterThan(10);
  });
});
