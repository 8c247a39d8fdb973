import { expect, test } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import type { Table } from '../../lib/data/table.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { NetworkOptions } from '../../lib/train/models/choose-model.ts';
import { fit, train } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { noisySine } from './series.ts';

const options: NetworkOptions = {
  targets: 'sine',
  inputs: ['noise'],
  horizon: 4,
  hidden: 8,
  layers: 2,
  layerNorm: true,
  residual: true,
  lookback: 16,
  epochs: 4,
};
/** The same sine with half the swing and a lower mean: another plant of the same kind. */
const other = (rows: number): Table => {
  const table = noisySine(rows, 0.1, 3);
  return { ...table, columns: [table.columns[0]!.map((value) => 10 + (value - 20) / 2), table.columns[1]!] };
};
const from = await fit(noisySine(400), options);
const bits = (model: Forecaster) =>
  new Map(Object.entries(model.weights()).map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('hex')]));
const before = bits(from);

test.each([
  [['layer0'], /_l0\b/],
  ['recurrent', /_l\d\b/],
  [['head', 'layer1'], /^head|_l1\b/],
  [[], /^$/],
] as const)('what is frozen keeps its bits, and all else learns: %o', async (freeze, frozen) => {
  const model = await fit(other(300), { from, freeze, epochs: 2, weightDecay: 0.5 });
  for (const [name, value] of bits(model)) {
    if (frozen.test(name)) expect(value, name).toBe(before.get(name));
    else expect(value, name).not.toBe(before.get(name));
  }
  expect(bits(from)).toEqual(before);
});

test('the model learns on: its columns, scale and network stay, and it gets better on the other data', async () => {
  const table = other(500);
  const model = await fit(table, { from, epochs: 8, split: { train: 300, validation: 100 } });
  const { training, warmup: _, dependence, ...rest } = model.description;
  const { training: first, warmup: __, dependence: before, ...kept } = from.description;
  expect(dependence).not.toEqual(before); // of the other data
  expect(rest).toEqual(kept);
  expect(training).toMatchObject({ from: from.fingerprint, rows: 300, epochs: 8 });
  expect(first.from).toBeUndefined();
  expect(model.scaler).toEqual(from.scaler);
  const [own, others] = [model, from].map((each) => evaluate(each, table, { from: 400 }).mse);
  expect(own).toBeLessThan(0.7 * others!);
  expect(Forecaster.fromBytes(model.toBytes()).fingerprint).toBe(model.fingerprint);
});

test('words, the calendar and columns known ahead are those of the model', async () => {
  const rows = 24 * 21;
  const at = Float64Array.from({ length: rows }, (_, i) => 3_600_000 * i);
  const wave = Float64Array.from(at, (_, i) => Math.sin((2 * Math.PI * i) / 24));
  const rich = (words: string[], price: number): Table => ({
    names: ['load', 'kind', 'price'],
    columns: [
      wave.map((value, i) => value * price + (i % 2)),
      wave.map((_, i) => i % words.length),
      wave.map((_, i) => price * (i % 5)),
    ],
    words: [undefined, words, undefined],
    at,
  });
  const roles = { load: 'target', kind: 'past', price: 'future' } as const;
  const first = await fit(rich(['low', 'high'], 1), { roles, horizon: 2, hidden: 4, lookback: 8, epochs: 1 });
  const model = await fit(rich(['high', 'huge', 'low'], 3), { from: first, epochs: 1 });
  expect(model.description.inputs).toEqual(first.description.inputs);
  expect(model.description.calendar).toEqual(first.description.calendar);
  expect(model.scaler).toEqual(first.scaler);
  expect(bits(model)).not.toEqual(bits(first));
});

test('what the model decides cannot be chosen, and something must be left to learn', () => {
  const refused = (choice: object, words: RegExp) =>
    expect(() => train(other(300), choice as never)).toThrow(gatecastError('invalid-argument', words));
  refused({ from, hidden: 4 }, /only epochs, .*, from, freeze for options but received "hidden"/);
  refused({ from, horizon: 4 }, /received "horizon"/);
  refused({ from: {} }, /a Forecaster for options.from but received an object/);
  refused({ from, freeze: 'layer2' }, /recurrent, head, layer0, layer1 for options.freeze but received "layer2"/);
  refused({ from, freeze: ['head', 'recurrent'] }, /left to learn for options.freeze/);
  refused({ ...options, freeze: 'head' }, /received "freeze"/);
  expect(() => train({ names: ['x'], columns: [new Float64Array(300)] }, { from })).toThrow(
    /Expected a column "noise" among x/,
  );
});
