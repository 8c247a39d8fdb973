import { describe, expect, it } from 'vitest';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { OnlineForecaster } from '../../lib/online/learner/online-forecaster.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { fit } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

type Changes = Parameters<typeof describeModel>[0];

const description = describeModel();
const { training, network } = description;
const own = makeModel().fingerprint;
const [pressure, temperature] = description.inputs;

describe('the fingerprint of a forecaster', () => {
  it.each<[string, Changes]>([
    ['when it was trained', { training: { ...training, trainedAt: '2031-01-01T00:00:00Z' } }],
    ['how', { training: { ...training, seed: 2, epochs: 99, validationLoss: 3, learningRate: 1, dropout: 0.5 } }],
    ['by which version and where', { training: { ...training, version: '9.9.9', isa: 'avx512' } }],
    ['units', { inputs: [{ ...pressure!, unit: 'Pa' }, temperature!] }],
    ['a warm-up that is said though it is the lookback', { warmup: description.lookback }],
  ])('does not count %s', (_, changes) => {
    expect(makeModel(changes).fingerprint).toBe(own);
  });

  it('does not count the loss by which a point was learned, nor options that an LSTM does not use', () => {
    expect(makeModel({ loss: 'mse' }).fingerprint).toBe(makeModel({ loss: 'mae' }).fingerprint);
    const lstm = (linearBeforeReset: boolean) =>
      makeModel({ network: { cell: 'lstm', linearBeforeReset } }).fingerprint;
    expect(lstm(true)).toBe(lstm(false));
  });

  it.each<[string, Changes]>([
    ['the name of an input', { inputs: [{ name: 'flow' }, temperature!] }],
    ['the target', { targets: ['pressure'] }],
    ['the interval', { interval: 2000 }],
    ['the memory', { memory: 'window' }],
    ['the lookback', { lookback: 6 }],
    ['the warm-up', { warmup: 2 }],
    ['the anchor', { anchor: 'none' }],
    ['the bounds of a target', { bounds: [{ min: 0 }] }],
    ['the levels', { levels: [0.2, 0.5, 0.9] }],
    ['what the head gives', { loss: 'mse', levels: [0.1, 0.5, 0.9], network: { headSize: 3 } }],
    ['the reset form', { network: { ...network, linearBeforeReset: false } }],
    ['what attention reaches', { network: { ...network, attention: 2 } }],
  ])('counts %s', (_, changes) => {
    expect(makeModel(changes).fingerprint).not.toBe(own);
  });

  it('counts one bit of a weight, of the scaler and of the residuals', () => {
    const parts = partsFor(describeModel({ loss: 'mse', network: { headSize: 3 } }));
    const { fingerprint } = Forecaster.from(parts);
    const bump = (values: Float32Array) => values.map((value, i) => (i === 0 ? value * (1 + 2 ** -23) : value));
    const { scaler, weights, residuals } = parts;
    const bias = weights['bias_ih_l0']!;
    const std = scaler.std.map((value) => value * (1 + Number.EPSILON));
    for (const change of [
      { weights: { ...weights, bias_ih_l0: { ...bias, data: bump(bias.data) } } },
      { scaler: new Scaler(scaler.names, scaler.mean, std) },
      { residuals: { ...residuals!, data: bump(residuals!.data) } },
    ]) {
      expect(Forecaster.from({ ...parts, ...change }).fingerprint).not.toBe(fingerprint);
    }
  });

  it('is the same after its file', () => {
    expect(Forecaster.fromBytes(makeModel().toBytes()).fingerprint).toBe(own);
  });
});

describe('snapshots of a stream', () => {
  const table = { names: ['a'], columns: [Float64Array.from({ length: 120 }, (_, t) => Math.sin(t / 5))] };
  const options = { targets: 'a', horizon: 1, hidden: 3, lookback: 5, epochs: 1, loss: 'mse' } as const;

  it('move from one training to an equal one, and not to another', async () => {
    const [first, second, other] = await Promise.all([
      fit(table, options),
      fit(table, options),
      fit(table, { ...options, seed: 2 }),
    ]);
    const [from, to] = [new StreamState(first), new StreamState(second)];
    for (const value of [0.1, 0.2, 0.3]) from.step(value);
    to.restore(from.snapshot());
    expect(to.equals(from)).toBe(true);
    expect(to.step(0.4)!.numbers).toEqual(from.step(0.4)!.numbers);
    expect(() => new StreamState(other).restore(from.snapshot())).toThrow(
      gatecastError('invalid-file', /snapshot of the model/),
    );
  });

  it('move from one precision to another', () => {
    const model = makeModel();
    const rounded = Forecaster.fromBytes(model.toBytes(), 'a model', { precision: 'bf16' });
    const from = new StreamState(model);
    from.step([1, 2]);
    const to = new StreamState(rounded);
    to.restore(from.snapshot());
    expect(to.samples).toBe(from.samples);
    expect(to.step([1, 2])!.mean[0]).toBeCloseTo(from.step([1, 2])!.mean[0]!, 1);
  });
});

it('the fingerprint of an OnlineForecaster counts its inputs, size and seed', () => {
  const print = (options: object) =>
    new OnlineForecaster({ inputs: ['a', 'b'], hidden: 3, seed: 1, ...options }).fingerprint;
  expect(print({})).toBe(print({}));
  const others = [{ inputs: ['b', 'a'] }, { hidden: 4 }, { seed: 2 }].map(print);
  expect(new Set([print({}), ...others]).size).toBe(4);
});
