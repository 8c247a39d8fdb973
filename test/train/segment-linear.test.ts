// The linear forecast that a model of segments is mixed with.
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { fitBaseline } from '../../lib/batch/fit-baseline.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { sliceRows } from '../../lib/data/table.ts';
import { SegmentForecaster } from '../../lib/model/segment/segment-forecaster.ts';
import { shareOf } from '../../lib/train/models/segment-linear.ts';
import type { SegmentOptions } from '../../lib/train/options.ts';
import { fit } from '../../lib/train/train.ts';

/** A process of which a linear forecast knows all that can be known: the second value back has most weight. */
function autoregression(rows = 700) {
  const random = createRandom(11);
  const column = new Float64Array(rows);
  for (let i = 2; i < rows; i++) column[i] = 0.2 * column[i - 1]! + 0.7 * column[i - 2]! + random() - 0.5;
  return { names: ['a', 'b'], columns: [column.map((value) => 50 + 4 * value), column.map((v, i) => v + Math.sin(i))] };
}

const table = autoregression();
const [train, validation] = [450, 150];
const options: SegmentOptions = {
  model: 'segment',
  targets: ['a', 'b'],
  horizon: 4,
  lookback: 24,
  segment: 4,
  hidden: 8,
  epochs: 3,
  loss: 'mse',
  cycle: 'none',
  split: { train, validation },
};

test('has a share in the mean that is written in the model: the rest is the network alone', async () => {
  const [mixed, network] = [await fit(table, options), await fit(table, { ...options, linear: false })];
  const linear = await fitBaseline('nlinear', sliceRows(table, 0, train + validation), mixed, {
    lookback: 24,
    validation: train,
  });
  expect(network.description.segments.linear).toBeUndefined();
  const { lookback, share } = mixed.description.segments.linear!;
  expect(lookback).toBe(24);
  expect(share).toBeGreaterThan(0.5); // after three passes the network knows less
  const means = [mixed, network, linear].map((model) =>
    [...rolling(model, table, { from: 300, every: 50 })].map(({ forecast }) => [...forecast.mean]),
  );
  const [own, ofNetwork, ofLinear] = means as [number[][], number[][], number[][]];
  expect(own.length).toBeGreaterThan(5);
  own.forEach((forecast, k) =>
    forecast.forEach((value, i) => {
      expect(value).toBeCloseTo((1 - share) * ofNetwork[k]![i]! + share * ofLinear[k]![i]!, 3);
    }),
  );
});

test.each(['quantile', 'student-t', 'mae'] as const)(
  'moves the whole forecast with the mean, and its intervals still hold: %s',
  async (loss) => {
    const model = await fit(table, { ...options, loss, epochs: 6 });
    expect(model.description.segments.linear).toBeDefined();
    const { mae, naive, interval } = evaluate(model, table, { from: train + validation });
    expect(mae).toBeLessThan(naive.mae);
    expect(interval!.held).toBeGreaterThan(0.75);
    const reread = SegmentForecaster.fromBytes(model.toBytes());
    expect(evaluate(reread, table, { from: train + validation }).mae).toBe(mae);
  },
);

test('stays with the model when it learns again from all rows', async () => {
  const model = await fit(table, { ...options, refit: true });
  expect(model.description.training.refit).toBe(true);
  expect(model.description.segments.linear).toBeDefined();
  expect(model.weights()['linear.weight']!.shape).toEqual([4, 24]);
});

test('is left out where no window is whole', async () => {
  const holed = table.columns.map((column) => column.map((value, i) => (i % 40 < 12 ? Number.NaN : value)));
  const model = await fit({ ...table, columns: holed }, { ...options, gap: 'hold', lookback: 40 });
  expect(model.description.segments.linear).toBeUndefined();
});

describe('the share', () => {
  /** The squared errors of mixtures with the shares 0, 1/2 and 1, for errors of both. */
  const errorsOf = (first: number[], second: number[]) =>
    [0, 0.5, 1].map((share) =>
      first.reduce((sum, error, i) => sum + ((1 - share) * error + share * second[i]!) ** 2, 0),
    ) as [number, number, number];

  test('is half way between an equal one and the best', () => {
    // (1 - s) [1, 0] + s [0, 2] has the least square where s = 1 / 5.
    expect(shareOf(errorsOf([1, 0], [0, 2]))).toBeCloseTo((0.2 + 0.5) / 2, 12);
    expect(shareOf(errorsOf([1, -1], [-1, 1]))).toBeCloseTo(0.5, 12);
  });

  test('is none or all for a forecast that only does harm', () => {
    expect(shareOf(errorsOf([1, 1], [2, 3]))).toBe(0);
    expect(shareOf(errorsOf([2, 3], [1, 1]))).toBe(1);
    expect(shareOf(errorsOf([1, 2], [1, 2]))).toBe(0); // both alike
    expect(shareOf([0, 0, 0])).toBe(0);
  });
});
