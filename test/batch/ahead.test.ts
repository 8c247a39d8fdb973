import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { predict } from '../../lib/batch/predict.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import type { Table } from '../../lib/data/table.ts';
import { aheadInputs } from '../../lib/model/ahead.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { describeModel, partsFor } from '../support/models.ts';
import { inPieces } from './pieces.ts';

const HORIZON = 3;
const NAN = Number.NaN;

/** A forecaster of `load` that reads `price` ahead, as if it had been trained on both. */
function planned(): Forecaster {
  const inputs = [{ name: 'load' }, { name: 'price' }, ...aheadInputs(['price'], HORIZON)];
  const description = describeModel({
    inputs,
    targets: ['load'],
    horizon: HORIZON,
    lookback: 9,
    warmup: 1,
    gap: 'hold',
  });
  const names = inputs.map(({ name }) => name);
  const scaler = new Scaler(names, new Float64Array(names.length).fill(1), new Float64Array(names.length).fill(2));
  return Forecaster.from({ ...partsFor(description), scaler });
}

const model = planned();

function tableOf(load: ArrayLike<number>, price: ArrayLike<number>): Table {
  return { names: ['load', 'price'], columns: [Float64Array.from(load), Float64Array.from(price)] };
}

/** What a live stream forecasts after each row of a table when each of its samples has the plan of that row. */
function streamed({ columns: [load, price] }: Table, rows: number): number[][] {
  const state = new StreamState(model);
  return Array.from({ length: rows }, (_, row) => {
    const plan = Array.from({ length: HORIZON + 1 }, (_, step) => price![row + step] ?? NAN);
    return [...state.step({ values: { load: load![row]!, price: plan } })!.mean];
  });
}

const value = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -9, max: 9, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(NAN) },
);
const table = fc
  .tuple(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 30 }), fc.array(value, { maxLength: 6 }))
  .filter(([own]) => !Number.isNaN(own.at(-1)![0]))
  .map(([own, plan]) => ({
    rows: own.length,
    table: tableOf([...own.map(([load]) => load), ...plan.map(() => NAN)], [...own.map(([, price]) => price), ...plan]),
  }));

describe('a column known ahead', () => {
  test('gives a table the bits of a stream whose samples have the plan, in chunks of any length', async () => {
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 9 }), async ({ table, rows }, size) => {
        const means = streamed(table, rows);
        const whole = [...rolling(model, table)].map(({ forecast }) => [...forecast.mean]);
        expect(whole).toEqual(means);
        const pieces = inPieces(new Map([['', table]]), () => size);
        const chunked: number[][] = [];
        for await (const { forecast } of rolling(model, pieces)) chunked.push([...forecast.mean]);
        expect(chunked).toEqual(means);
        for (const data of [table, pieces]) {
          const last = (await predict(model, data)).get('')!;
          expect(last.row).toBe(rows - 1);
          expect([...last.forecast.mean]).toEqual(means.at(-1));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is looked up beyond the last row of the forecasts', () => {
    const given = tableOf([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]);
    const means = streamed(given, 3);
    expect([...rolling(model, given, { to: 3 })].map(({ forecast }) => [...forecast.mean])).toEqual(means);
  });

  test('is no part of the score', () => {
    const given = tableOf([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]);
    const score = evaluate(model, given);
    expect(score.windows).toBe(3);
    const plan = tableOf([1, 2, 3, 4, 5, 6, NAN, NAN], [6, 5, 4, 3, 2, 1, 9, 9]);
    expect(evaluate(model, plan)).toEqual({ ...score, leftOut: { notReady: 0, missing: 2 } });
  });

  test('matters', () => {
    const [one, other] = [
      [1, 2, 3, 4],
      [1, 2, 3, 5],
    ].map((price) => rolling(model, tableOf([1, NAN, NAN, NAN], price)).next().value!.forecast.mean);
    expect(one).not.toEqual(other);
  });
});
