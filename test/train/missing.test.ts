import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { sliceRows, type Table } from '../../lib/data/table.ts';
import type { Gap, GapPolicy } from '../../lib/model/gap.ts';
import { prepareData } from '../../lib/train/data.ts';
import { resolveOptions, type TrainOptions } from '../../lib/train/options.ts';
import { planTraining } from '../../lib/train/plan.ts';
import { fit } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { noisySine } from './series.ts';

const NAN = Number.NaN;
const options: TrainOptions = { targets: 'sine', inputs: ['sine'], horizon: 6, hidden: 16, lookback: 24, epochs: 30 };

/** A table whose first column has holes at these rows. */
function holed(rows: number, isHole: (row: number) => boolean): Table {
  const table = noisySine(rows);
  table.columns[0]!.forEach((_, row, column) => {
    if (isHole(row)) column[row] = NAN;
  });
  return table;
}

describe('learning', () => {
  test.each<[string, (row: number) => boolean, Partial<TrainOptions>]>([
    ['a single value in nine', (row) => row % 9 === 0, {}],
    ['half of all values', (row) => (row * 7919) % 13 < 6, {}],
    ['runs of forty values', (row) => row % 200 < 40, { gap: 'decay' }],
    ['runs of ten values, and the network is told', (row) => row % 50 < 10, { gap: 'elapsed' }],
  ])('%s missing leaves a forecast far better than the last value', async (_, isHole, more) => {
    const table = holed(1500, (row) => row < 1200 && isHole(row));
    const model = await fit(sliceRows(table, 0, 1200), { ...options, ...more });
    const score = evaluate(model, table, { from: 1200 });
    expect(score.mse).toBeLessThan(0.5 * score.naive.mse);
    expect(model.description.lookback).toBe(24);
    model.dispose();
  });

  test('a target that is measured at every fourth row only is learned from these rows', async () => {
    const table = holed(1500, (row) => row % 4 !== 0);
    const full = noisySine(1500);
    const model = await fit(sliceRows(table, 0, 1200), { ...options, gap: 'mask', levelShift: 0 });
    expect(model.description.inputs.map(({ name }) => name)).toEqual(['sine', 'sine_missing']);
    const [seen, truth] = [table.columns[0]!, full.columns[0]!];
    let [own, naive] = [0, 0];
    for (const { row, forecast } of rolling(model, table, { from: 1200, to: 1494 })) {
      const last = seen.subarray(0, row + 1).findLast(Number.isFinite)!;
      forecast.mean.forEach((mean, step) => {
        own += (mean - truth[row + 1 + step]!) ** 2;
        naive += (last - truth[row + 1 + step]!) ** 2;
      });
    }
    expect(own).toBeLessThan(0.5 * naive);
    model.dispose();
  });
});

describe('the record', () => {
  const short = { ...options, epochs: 1, hidden: 4 };
  const gapOf = async (table: Table, more: Partial<TrainOptions> = {}) =>
    (await fit(table, { ...short, ...more })).description.gap;

  test('says how missing values were filled, and nothing if none was missing', async () => {
    const table = holed(300, (row) => row === 7);
    expect(await gapOf(noisySine(300))).toBeUndefined();
    expect(await gapOf(table)).toBe('hold');
    expect(await gapOf(noisySine(300), { gap: 'decay' })).toBe('decay');
    expect(await gapOf(table, { inputs: 'all', gap: { noise: 'decay' } })).toEqual({ noise: 'decay' });
  });

  test('one policy for all tells the network of those inputs only that are missing at times', async () => {
    const table = holed(300, (row) => row === 7);
    const model = await fit(table, { ...short, inputs: 'all', gap: 'elapsed' });
    expect(model.description.gap).toEqual({ sine: 'elapsed' });
    expect(model.description.inputs.map(({ name }) => name)).toEqual(['sine', 'noise', 'sine_missing', 'sine_elapsed']);
    const asked = await fit(table, { ...short, inputs: 'all', gap: { noise: 'mask' } });
    expect(asked.description.inputs.map(({ name }) => name)).toEqual(['sine', 'noise', 'noise_missing']);
  });

  test('a wrong policy, a name that is no input and a target that tells of another are refused', async () => {
    const table = noisySine(300);
    await expect(gapOf(table, { gap: 'forget' as never })).rejects.toThrow(gatecastError('invalid-argument', /'hold'/));
    await expect(gapOf(table, { gap: { sin: 'hold' } })).rejects.toThrow(/Did you mean "sine"/);
    const marked = { ...table, names: ['sine', 'sine_missing'] };
    await expect(
      gapOf(marked, { targets: ['sine', 'sine_missing'], inputs: 'all', gap: { sine: 'mask' } }),
    ).rejects.toThrow(gatecastError('invalid-argument'));
  });
});

/** What each policy puts in, by its definition: the value, then whether it is missing, then for how long. */
function standIns(values: readonly number[], mean: number, policy: GapPolicy): number[][] {
  return values.map((value, row) => {
    if (Number.isFinite(value)) return [value, 0, 0];
    const last = values.slice(0, row).findLastIndex(Number.isFinite);
    const age = last < 0 ? Infinity : row - last;
    const held = last < 0 ? mean : values[last]!;
    const decayed = mean + (held - mean) * Math.exp(-age / 10);
    return [policy === 'decay' ? decayed : held, 1, Math.log1p(Math.min(age, 1000))];
  });
}

test('windows read what each policy puts in, have a known true value and cross no hole as long as the lookback', async () => {
  const [lookback, horizon] = [5, 2];
  const cell = fc.oneof({ weight: 2, arbitrary: fc.double({ min: -9, max: 9, noNaN: true }) }, fc.constant(NAN));
  const runs = fc.array(fc.tuple(fc.array(cell, { maxLength: 20 }), fc.nat(8)), { minLength: 1, maxLength: 5 });
  const policy = fc.constantFrom<GapPolicy>('hold', 'decay', 'impute', 'mask', 'elapsed');
  await fc.assert(
    fc.asyncProperty(runs, policy, async (parts, chosen) => {
      // Rows of both columns, with holes between the parts, then rows enough to validate on.
      const y = parts.flatMap(([values, hole]) => [...values, ...Array.from({ length: hole }, () => NAN)]);
      y.push(...Array.from({ length: 60 }, (_, i) => i % 7));
      const table: Table = { names: ['y'], columns: [Float64Array.from(y)] };
      const gap: Gap = { y: chosen };
      const plan = planTraining([{ ...table, key: '' }], resolveOptions({ targets: 'y', horizon, lookback, gap }));
      const data = await prepareData(plan, 0);
      const { mean, std } = data.scaler;
      const expected = standIns(y, mean[0]!, chosen);
      const width = plan.inputs.length;
      const { window } = data.shape;
      const begins = [...(data.marks.begins ?? [])];
      for (const start of [...data.training, ...data.validation]) {
        const begin = Math.max(start, begins.findLast((row) => row < start + window) ?? start);
        let [silence, longest, wrong] = [0, 0, 0];
        for (let row = begin; row < start + window + horizon; row++) {
          silence = Number.isNaN(y[row]) ? silence + 1 : 0;
          longest = Math.max(longest, silence);
          if ((data.marks.missing?.[row] ?? 0) !== Math.min(silence, 1)) wrong += 1;
          for (let i = 0; i < width; i++) {
            const wanted = (expected[row]![i]! - mean[i]!) / std[i]!;
            if (!(Math.abs(data.rows[row * width + i]! - wanted) < 1e-4)) wrong += 1;
          }
        }
        expect(wrong).toBe(0);
        expect(longest).toBeLessThan(lookback);
        const first = Math.max(start + data.shape.warmup, begin) + 1;
        expect(y.slice(first, start + window + horizon).some(Number.isFinite)).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});

test('a series shorter than a window is learned from its first row on, and each of its rows is forecast', async () => {
  const table = (rows: number) => ({
    names: ['y'],
    columns: [Float64Array.from({ length: rows }, (_, i) => i)],
    key: '',
  });
  const [long, short] = [table(100), table(17)];
  const resolved = resolveOptions({ targets: 'y', horizon: 3, lookback: 12, levelShift: 0 });
  const plan = planTraining([short, long], resolved);
  const data = await prepareData(plan, 0);
  const { window, warmup } = data.shape;
  const own = [...data.training].filter((start) => start + window + 3 <= 17);
  const origins = own.flatMap((start) =>
    Array.from({ length: window - warmup }, (_, i) => start + warmup + i).filter((row) => row >= 0),
  );
  expect(origins.sort((a, b) => a - b)).toEqual(Array.from({ length: 17 - 3 }, (_, row) => row));
  expect([...data.marks.begins!]).toEqual([0]);
  expect(Math.min(...own)).toBeLessThan(0);
});
