import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { predict } from '../../lib/batch/predict.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { seriesOf } from '../../lib/data/series.ts';
import type { Table } from '../../lib/data/table.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { Gap } from '../../lib/model/gap.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { fit } from '../../lib/train/train.ts';
import { inPieces } from './pieces.ts';
import { noisySine } from '../train/series.ts';

const NAN = Number.NaN;
const MINUTE = 60_000;
const LOOKBACK = 6;

/** A small forecaster of both columns of `noisySine`, trained with some values missing. */
async function trained(gap: Gap): Promise<Forecaster> {
  const table = noisySine(200);
  for (let row = 5; row < 200; row += 7) table.columns[row % 2]![row] = NAN;
  return fit(table, { targets: ['sine'], inputs: 'all', horizon: 2, lookback: LOOKBACK, hidden: 5, epochs: 2, gap });
}

const gaps: readonly Gap[] = ['hold', 'decay', 'impute', 'mask', 'elapsed', { sine: 'impute', noise: 'elapsed' }];
const models = await Promise.all(gaps.map(trained));

const value = fc.oneof({ weight: 3, arbitrary: fc.double({ min: 10, max: 30, noNaN: true }) }, fc.constant(NAN));
const row = fc.oneof({ weight: 5, arbitrary: fc.tuple(value, value) }, fc.constant<[number, number]>([NAN, NAN]));
/** Rows with single values, whole rows and long runs of rows missing. */
const rows = fc
  .array(fc.tuple(fc.array(row, { maxLength: 12 }), fc.nat(2 * LOOKBACK)), { minLength: 1, maxLength: 6 })
  .map((parts) =>
    parts.flatMap(([some, hole]) => [...some, ...Array.from({ length: hole }, (): [number, number] => [NAN, NAN])]),
  )
  .filter((all) => all.length > 0);

const tableOf = (all: readonly [number, number][]): Table => ({
  names: ['sine', 'noise'],
  columns: [Float64Array.from(all, ([sine]) => sine), Float64Array.from(all, ([, noise]) => noise)],
  at: Float64Array.from(all, (_, i) => i * MINUTE),
});
const isEmpty = ([sine, noise]: readonly [number, number]) => Number.isNaN(sine) && Number.isNaN(noise);

describe.each(models.map((model, i) => [JSON.stringify(gaps[i]), model] as const))('filled by %s', (_, model) => {
  test('a file gives the same bits as a live stream of its rows, though long holes end what the stream knows', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const state = new StreamState(model);
        const live = all.map((values, i) => state.step({ at: i * MINUTE, values })!);
        const file = [...rolling(model, tableOf(all))];
        expect(file.map((entry) => [...entry.forecast.numbers])).toEqual(live.map((entry) => [...entry.numbers]));
        expect(file.map((entry) => entry.forecast.ready)).toEqual(live.map((entry) => entry.ready));
        state.dispose();
      }),
      { numRuns: 60 },
    );
  });

  // After a longer hole a clock waits for further samples before it believes the first.
  test('it is the same whether empty rows come or not', () => {
    fc.assert(
      fc.property(rows, (all) => {
        fc.pre(!all.some((_, i) => all.slice(i, i + LOOKBACK).every(isEmpty)));
        const state = new StreamState(model);
        const live = all.flatMap((values, i) =>
          isEmpty(values) ? [] : [[i, [...state.step({ at: i * MINUTE, values })!.numbers]]],
        );
        const file = [...rolling(model, tableOf(all))].filter(({ row }) => !isEmpty(all[row]!));
        expect(file.map(({ row, forecast }) => [row, [...forecast.numbers]])).toEqual(live);
        state.dispose();
      }),
      { numRuns: 60 },
    );
  });

  test('it is the same in any chunks, beside other series and from the saved file', async () => {
    const [one, other] = [tableOf(fc.sample(rows, { seed: 1, numRuns: 1 })[0]!), noisySine(50)];
    const alone = [...rolling(Forecaster.fromBytes(model.toBytes()), one)].map(({ forecast }) => [...forecast.numbers]);
    const series = inPieces(
      new Map([
        ['one', one],
        ['other', other],
      ]),
      (chunk) => 1 + (chunk % 4),
    );
    const beside: number[][] = [];
    for await (const { key, forecast } of rolling(model, series)) if (key === 'one') beside.push([...forecast.numbers]);
    expect(beside).toEqual(alone);
    const last = (await predict(model, seriesOf(one))).get('')!;
    expect([last.row, [...last.forecast.numbers]]).toEqual([alone.length - 1, alone.at(-1)]);
  });
});

test('the options of a stream win over the policies of its model, and the network is told what is missing all the same', () => {
  const [held, told] = [models[0]!, models[3]!];
  const samples = [
    [20, 0],
    [22, 0.1],
    [NAN, 0.2],
    [NAN, NAN],
  ];
  const answers = (model: Forecaster, options = {}) => {
    const state = new StreamState(model, options);
    return samples.map((values) => [...state.step(values)!.numbers]);
  };
  expect(answers(held, { gap: 'decay' })).not.toEqual(answers(held));
  expect(answers(held, { gap: 'hold' })).toEqual(answers(held));
  expect(answers(told, { gap: 'hold' })).toEqual(answers(told));
});

test('what is scored against the last value knows it from before the hole', () => {
  const table = tableOf([
    [20, 0],
    [21, 0],
    [22, 0],
    [23, 0],
    [24, 0],
    [25, 0],
    [NAN, 0],
    [30, 0],
    [31, 0],
  ]);
  const { naive, windows } = evaluate(models[0]!, table, { from: 7 });
  expect(windows).toBe(1); // after the row without a value, where 25 is the last
  expect(naive.mae).toBe((5 + 6) / 2);
});

describe('with words and a calendar', () => {
  const words = ['N', 'S', 'W'];
  /** As `tableOf`, an hour from row to row, with a column of words, of which some are missing. */
  const windy = (all: readonly [number, number][]): Table => ({
    names: ['sine', 'noise', 'wind'],
    columns: [...tableOf(all).columns, Float64Array.from(all, (_, i) => [0, 2, NAN, 1][(i * 7 + (i >> 3)) % 4]!)],
    words: [undefined, undefined, words],
    at: Float64Array.from(all, (_, i) => i * 60 * MINUTE),
  });

  test.each<Gap>(['hold', 'decay', { sine: 'elapsed', wind: 'mask' }])(
    'filled by %j, a file gives the bits of a stream',
    async (gap) => {
      const { columns } = noisySine(200);
      const table = windy(Array.from(columns[0]!, (sine, i) => [i % 5 === 0 ? NAN : sine, columns[1]![i]!]));
      const given = { targets: 'sine', inputs: 'all', horizon: 2, lookback: LOOKBACK, hidden: 5, epochs: 2 } as const;
      const model = await fit(table, { ...given, gap, calendar: ['hour'] });
      expect(model.description.inputs.slice(0, 3).map(({ words: own }) => own)).toEqual([undefined, undefined, words]);
      fc.assert(
        fc.property(rows, (all) => {
          const some = windy(all);
          const state = new StreamState(model);
          const live = all.map(([sine, noise], i) => {
            const values = { sine, noise, wind: words[some.columns[2]![i]!] ?? null };
            return [...state.step({ at: some.at![i]!, values: values as never })!.numbers];
          });
          expect([...rolling(model, some)].map(({ forecast }) => [...forecast.numbers])).toEqual(live);
          state.dispose();
        }),
        { numRuns: 40 },
      );
    },
  );
});
