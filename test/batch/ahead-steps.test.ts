// Columns known ahead are read from the steps of the rows, not from the rows.
import fc from 'fast-check';
import { from, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { predict } from '../../lib/batch/predict.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { seriesOf } from '../../lib/data/series.ts';
import type { Table } from '../../lib/data/table.ts';
import { aheadInputs } from '../../lib/model/ahead.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { fit } from '../../lib/train/train.ts';
import { describeModel, partsFor } from '../support/models.ts';
import { inPieces } from './pieces.ts';

const HORIZON = 3;
const INTERVAL = 1000;
const LOOKBACK = 9;
const NAN = Number.NaN;

const inputs = [{ name: 'load' }, { name: 'price' }, ...aheadInputs(['price'], HORIZON)];
const description = describeModel({
  inputs,
  targets: ['load'],
  horizon: HORIZON,
  lookback: LOOKBACK,
  warmup: 1,
  interval: INTERVAL,
  gap: 'hold',
});
const names = inputs.map(({ name }) => name);
const scaler = new Scaler(names, new Float64Array(names.length).fill(1), new Float64Array(names.length).fill(2));
const model = Forecaster.from({ ...partsFor(description), scaler });

/** Rows at these steps, where the load and the price are told by the number of the step. */
function at(steps: readonly number[], own: number): Table {
  return {
    names: ['load', 'price'],
    columns: [
      Float64Array.from(steps, (step, row) => (row < own ? Math.sin(step) * 3 : NAN)),
      Float64Array.from(steps, (step) => Math.cos(5 * step) * 3),
    ],
    at: Float64Array.from(steps, (step) => step * INTERVAL),
  };
}

/** What a live stream forecasts after each of the first `own` rows, when each sample has the plan of its steps. */
function live(steps: readonly number[], own: number, of = model, table = at(steps, own)): [number, number[]][] {
  const [load, price] = table.columns;
  const priceAt = (step: number) => price![steps.indexOf(step)] ?? NAN;
  const samples = steps.slice(0, own).map((step, row) => ({
    at: step * INTERVAL,
    values: { load: load![row]!, price: Array.from({ length: HORIZON + 1 }, (_, k) => priceAt(step + k)) },
  }));
  const forecasts: [number, number[]][] = [];
  let row = -1;
  from(samples)
    .pipe(
      tap(() => row++),
      forecast(of),
    )
    .subscribe(({ mean }) => forecasts.push([row, [...mean]]));
  return forecasts;
}

const steps = fc
  .array(fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, { weight: 2, arbitrary: fc.integer({ min: 2, max: 5 }) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((leaps) => leaps.reduce((all, leap) => [...all, all.at(-1)! + leap], [1_700_000_000]));
const rows = steps.chain((all) => fc.tuple(fc.constant(all), fc.integer({ min: 1, max: all.length })));

describe('a column known ahead, with holes in time', () => {
  test('gives a table the bits of a stream whose samples have the plan of their steps, in any chunks', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 9 }), async ([steps, own], size) => {
        const told = live(steps, own);
        const table = at(steps, own);
        const found = ({ row, forecast }: { row: number; forecast: { mean: ArrayLike<number> } }) => [
          row,
          Array.from(forecast.mean),
        ];
        expect([...rolling(model, table)].map(found)).toEqual(told);
        const pieces = inPieces(new Map([['', table]]), () => size);
        const chunked = [];
        for await (const one of rolling(model, pieces)) chunked.push(found(one));
        expect(chunked).toEqual(told);
        for (const data of [table, pieces]) expect(found((await predict(model, data)).get('')!)).toEqual(told.at(-1));
        const to = Math.ceil(own / 2);
        expect([...rolling(model, table, { to })].map(found)).toEqual(told.filter(([row]) => row < to));
      }),
      { numRuns: 80 },
    );
  });

  test('has no values beyond a silence', () => {
    const before = Array.from({ length: 20 }, (_, i) => 1_700_000_000 + i);
    const steps = [...before, ...before.map((step) => step + 5000)];
    const torn = [...rolling(model, at(steps, 40))].filter(({ row }) => row < 20);
    const alone = [...rolling(model, at(before, 20))];
    expect(torn.map(({ forecast: { mean } }) => mean)).toEqual(alone.map(({ forecast: { mean } }) => mean));
  });

  test('is scored against the steps after a row, within the given rows', () => {
    const steps = Array.from({ length: 40 }, (_, i) => 1_700_000_000 + i + (i < 20 ? 0 : 2));
    // rows 9 to 16 before the hole and 20 to 26 after it: each is followed by three steps with rows before row 30
    expect(evaluate(model, at(steps, 40), { from: 10, to: 30 }).windows).toBe(8 + 7);
  });
});

test('roles last when the rows are put on even steps', async () => {
  const steps = Array.from({ length: 300 }, (_, i) => 1_700_000_000 + i + (i < 150 ? 0 : 4));
  const roles = { load: 'target', price: 'future' } as const;
  const trained = await fit(at(steps, 300), { horizon: 3, lookback: 6, epochs: 1, hidden: 4, roles });
  expect(trained.description.inputs.map(({ name }) => name)).toEqual([
    'price',
    'load',
    'price+1',
    'price+2',
    'price+3',
  ]);
  expect(trained.description.interval).toBe(INTERVAL);
});

test('a fleet with a scale for each series is forecast as live, across holes and from its plans', async () => {
  const steps = Array.from({ length: 300 }, (_, i) => 1_700_000_000 + i + (i < 150 ? 0 : 4));
  const one = at(steps, 297);
  const [load, price] = one.columns as [Float64Array, Float64Array];
  const loud = { ...one, columns: [load.map((value) => 1e5 + 1000 * value), price] };
  const fleet = new Map([
    ['one', one],
    ['loud', loud],
  ]);
  const roles = { load: 'target', price: 'future' } as const;
  const trained = await fit(seriesOf(fleet), { horizon: 3, lookback: 9, epochs: 1, hidden: 4, roles });
  expect(trained.description.scale?.inputs).toEqual(['load']);
  for (const table of [one, loud]) {
    const found = [...rolling(trained, table)].map(({ row, forecast: { mean } }) => [row, [...mean]]);
    expect(found).toEqual(live(steps, 297, trained, table));
    expect(found).toHaveLength(297);
  }
});
