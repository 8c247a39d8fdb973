import { lastValueFrom, take, toArray } from 'rxjs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import type { Forecaster } from '../../lib/model/forecaster.ts';
import { Trainer } from '../../lib/network/trainer.ts';
import type { TrainOptions } from '../../lib/train/options.ts';
import { fit, train } from '../../lib/train/train.ts';
import { noisySine } from './series.ts';

const table = noisySine(600);
const options: TrainOptions = { targets: 'sine', inputs: ['sine'], horizon: 4, hidden: 8, lookback: 24 };
const weights = (model: Forecaster) =>
  Object.entries(model.weights()).map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('base64')]);

test('learning stops when as many passes as its patience have brought nothing', async () => {
  const noise = { ...options, targets: 'noise', inputs: ['noise'], learningRate: 0.05, epochs: 200, patience: 4 };
  const passes = await lastValueFrom(train(table, noise).pipe(toArray()));
  const last = passes.at(-1)!;
  expect(last.epoch).toBeLessThan(200);
  const losses = passes.map(({ validationLoss }) => validationLoss);
  const medians = losses.map((_, i) => losses.slice(Math.max(0, i - 2), i + 1).sort((a, b) => a - b)[Math.min(i, 1)]!);
  expect(last.epoch).toBe(medians.indexOf(Math.min(...medians)) + 4);
  expect(last.forecaster!.description.training).toMatchObject({ epochs: last.epoch, bestEpoch: last.bestEpoch });
});

test('the kept weights are those of the reported validation loss', async () => {
  // With windows and squared errors the loss is the scaled error that `evaluate` finds on the validation rows.
  const split = { train: 300, validation: 100 };
  const rough = {
    ...options,
    loss: 'mse',
    memory: 'window',
    learningRate: 0.05,
    epochs: 40,
    patience: 8,
    split,
  } as const;
  const last = await lastValueFrom(train(table, rough));
  const { bestEpoch, validationLoss } = last.forecaster!.description.training;
  expect(bestEpoch).toBeGreaterThan(0);
  expect(last.epoch).toBeGreaterThan(bestEpoch);
  expect(last.validationLoss).toBeGreaterThan(validationLoss);
  const { scaled } = evaluate(last.forecaster!, table, { from: 300, to: 400 });
  expect(scaled.mse / validationLoss).toBeCloseTo(1, 4);
});

test.each([
  ['dropout', { dropout: 0.3 }],
  ['weightDecay', { weightDecay: 0.5 }],
  ['clipNorm', { clipNorm: 1e-3 }],
  ['layerNorm', { layerNorm: true }],
  ['residual', { residual: true }],
])('%s reaches the trainer: it changes the weights', async (_, change) => {
  const two = { ...options, layers: 2, epochs: 3, learningRate: 0.01 };
  expect(weights(await fit(table, { ...two, ...change }))).not.toEqual(weights(await fit(table, two)));
});

test('the learning rate falls along a half cosine over the steps of all passes', async () => {
  const run = vi.spyOn(Trainer.prototype, 'run');
  onTestFinished(() => run.mockRestore());
  await fit(table, { ...options, learningRate: 0.004, rampUp: 0, epochs: 4, patience: 4 });
  const steps = run.mock.calls.length; // a pass of so few windows is run step by step
  expect(steps % 4).toBe(0);
  expect(steps).toBeGreaterThan(4);
  run.mock.calls.forEach(([, rate], step) => {
    expect(rate).toBeCloseTo(0.002 * (1 + Math.cos((Math.PI * step) / steps)), 12);
  });
});

test('a short table is gone through in small batches, and more often', async () => {
  const short = await lastValueFrom(train(noisySine(200), options).pipe(take(1)));
  const long = await lastValueFrom(train(noisySine(8000), options).pipe(take(1)));
  expect(short.epochs).toBeGreaterThan(60);
  expect(long.epochs).toBe(40);
});
