// A scale for each series: what is learned of one series serves series of any other level and spread.
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { seriesOf } from '../../lib/data/series.ts';
import type { Table } from '../../lib/data/table.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { prepareData } from '../../lib/train/data.ts';
import { resolveOptions, type TrainOptions } from '../../lib/train/options.ts';
import { planTraining } from '../../lib/train/plan.ts';
import { fit, train } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';

/** A rhythm of 12 rows with noise, at a level and with a spread. */
function device(level: number, spread: number, seed: number, rows = 400): Table {
  const random = createRandom(seed);
  const from = Math.floor(12 * random());
  const shape = (t: number) => Math.sin((2 * Math.PI * (from + t)) / 12) + 0.3 * (random() + random() - 1);
  return { names: ['y'], columns: [Float64Array.from({ length: rows }, (_, t) => level + spread * shape(t))] };
}

const options: TrainOptions = { targets: 'y', horizon: 4, lookback: 24, hidden: 12, epochs: 15, calendar: 'none' };
const fleet = new Map([
  ['a', device(0, 1, 1)],
  ['b', device(100, 1, 2)],
  ['c', device(100_000, 1, 3)],
  ['d', device(100_000, 500, 4)],
]);
const scaleOf = (tables: readonly Table[], change: Partial<TrainOptions> = {}) =>
  planTraining(
    tables.map((table, i) => ({ ...table, key: `${i}` })),
    resolveOptions({ ...options, ...change }),
  ).description.scale;

describe('the default', () => {
  test.each<[string, Table[], boolean]>([
    ['one series', [device(5, 1, 1)], false],
    ['series alike', [1, 2, 3].map((seed) => device(5, 1, seed)), false],
    ['levels as far apart as half of a spread', [device(5, 1, 1), device(5.5, 1, 2)], false],
    ['levels far apart', [device(5, 1, 1), device(15, 1, 2)], true],
    ['spreads far apart', [device(5, 1, 1), device(5, 10, 2)], true],
    ['a twentieth of the series that is louder', Array.from({ length: 20 }, (_, i) => device(5, i ? 1 : 9, i)), false],
  ])('of %s', (_, tables, own) => {
    expect(scaleOf(tables)).toEqual(own ? { samples: 96, inputs: ['y'] } : undefined);
    expect(scaleOf(tables, { scale: 'global' })).toBeUndefined();
    expect(scaleOf(tables, { scale: 'series' })).toEqual({ samples: 96, inputs: ['y'] });
  });

  test('leaves inputs that tell series apart, flags and words as they are', () => {
    const tables = [1, 2, 3].map((seed): Table => {
      const table = device(100 * seed, seed, seed);
      const [y] = table.columns as [Float64Array];
      return {
        names: ['load', 'size', 'open', 'kind', 'y'],
        columns: [y.map((v) => 3 * v), y.map(() => seed), y.map((_, t) => t % 2), y.map(() => 0), y],
        words: [undefined, undefined, undefined, ['pump'], undefined],
      };
    });
    expect(scaleOf(tables, { inputs: 'all' })!.inputs).toEqual(['y', 'load']);
  });

  test('gives one table a scale of its own if its level moves much', () => {
    const two = (rise: number): Table => {
      const y = device(5, 1, 1, 1000).columns[0]!.map((value, t) => value + rise * Math.sin(t / 150));
      return { names: ['y', 'x'], columns: [y, device(0, 1, 2, 1000).columns[0]!] };
    };
    const both = { inputs: ['x'] };
    expect(scaleOf([two(4)], both)).toEqual({ samples: 96, inputs: ['x', 'y'] });
    expect(scaleOf([two(0.2)], both)).toBeUndefined();
    expect(scaleOf([two(4)])).toEqual({ samples: 96, inputs: ['y'] });
    expect(scaleOf([two(4)], { ...both, horizon: 1 })).toBeUndefined();
    expect(scaleOf([two(4)], { ...both, scale: 'global' })).toBeUndefined();
    expect(scaleOf([two(4)], { ...both, levelShift: 1 })).toBeUndefined();
  });

  test('gives one table the same bits as without the option', async () => {
    const short = { ...options, epochs: 1 };
    const [table] = fleet.values();
    expect((await fit(table!, short)).fingerprint).toBe((await fit(table!, { ...short, scale: 'global' })).fingerprint);
  });
});

test.each(['last', 'none'] as const)(
  'with anchor %s, rows and true values are on the scale of the rows so far',
  async (anchor) => {
    const values = [6e5, 6e5 + 10, 6e5 - 4, 6e5 + 3, 6e5 + 12, 6e5 - 7, 6e5 + 1, 6e5 + 5];
    const table = (of: readonly number[], key: string) => ({ key, names: ['y'], columns: [Float64Array.from(of)] });
    const tables = [table(values, 'high'), table([1, 1, 2, 1, 3, 2, 1, 2], 'low')];
    const resolved = resolveOptions({ targets: 'y', horizon: 1, lookback: 2, anchor, scale: 'series' });
    const { rows, marks } = await prepareData(planTraining(tables, resolved), 0);
    values.forEach((value, t) => {
      const known = values.slice(0, t + 1);
      const mean = known.reduce((sum, one) => sum + one, 0) / known.length;
      const std = Math.sqrt(known.reduce((sum, one) => sum + (one - mean) ** 2, 0) / known.length);
      if (t === 0) {
        expect(rows[0]).toBe(0);
        expect(marks.scaled![2]).toBe(Infinity);
        return;
      }
      expect(rows[t]).toBeCloseTo((value - mean) / std, 5);
      if (t + 1 === values.length) return;
      const [, centre, spread, next] = marks.scaled!.subarray(3 * t);
      expect((next! - centre!) / spread!).toBeCloseTo((values[t + 1]! - (anchor === 'last' ? value : mean)) / std, 4);
    });
  },
);

describe('a fleet of levels 0, 100 and 100,000', () => {
  const spread: Record<string, number> = { a: 1, b: 1, c: 1, d: 500, new: 30 };

  test.each(['quantile', 'mse', 'gaussian'] as const)(
    'with loss %s, errors are about equal in spreads',
    async (loss) => {
      const model = await fit(seriesOf(fleet), { ...options, loss });
      expect(model.description.scale).toEqual({ samples: 96, inputs: ['y'] });
      const score = await evaluate(model, seriesOf(fleet), { from: 320 });
      const errors = [...score.series].map(([key, { mae }]) => mae / spread[key]!);
      expect(Math.max(...errors) / Math.min(...errors)).toBeLessThan(1.35);
      for (const { mae, naive, interval } of score.series.values()) {
        expect(mae).toBeLessThan(0.6 * naive.mae);
        expect(Math.abs(interval!.held - interval!.level)).toBeLessThan(0.12);
      }
      // a series that was never seen, at a level between and far beyond
      for (const level of [-20_000, 3e7]) {
        const fresh = (await evaluate(model, seriesOf(new Map([['new', device(level, 30, 9)]])), { from: 40 })).series;
        expect(fresh.get('new')!.mae / spread['new']!).toBeLessThan(1.35 * Math.max(...errors));
      }
      const loaded = Forecaster.fromBytes(model.toBytes());
      expect(loaded.fingerprint).toBe(model.fingerprint);
      expect((await evaluate(loaded, seriesOf(fleet), { from: 320 })).mae).toBe(score.mae);
    },
  );

  test('one scale for all learns nothing about the quiet ones', async () => {
    const model = await fit(seriesOf(fleet), { ...options, scale: 'global' });
    const { series } = await evaluate(model, seriesOf(fleet), { from: 320 });
    expect(series.get('a')!.mae).toBeGreaterThan(0.9 * series.get('a')!.naive.mae);
  });
});

test('options that need one scale for all are refused', () => {
  const tables = [...fleet.values()];
  const refused = (change: Partial<TrainOptions>) => () => train(tables, { ...options, scale: 'series', ...change });
  expect(refused({ levelShift: 3 })).toThrow(gatecastError('invalid-argument', /^Expected 0 with scale 'series'/));
  expect(refused({ gap: 'decay' })).toThrow(
    gatecastError('invalid-argument', /^Expected no 'decay' with scale 'series'/),
  );
  expect(scaleOf(tables, { levelShift: 3 })).toBeUndefined();
  expect(scaleOf(tables, { gap: 'decay' })).toBeUndefined();
});
