import { describe, expect, test } from 'vitest';
import { rolling } from '../../lib/batch/rolling.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { standInModel } from './stand-in-model.ts';

const table = {
  names: ['y'],
  columns: [Float64Array.of(0, 1, 2, 3, 4, 5, 6)],
  at: Float64Array.of(0, 10, 20, 30, 40, 50, 60),
};
const model = () => standInModel({ horizon: 1, predict: (last) => last[0]! });
const rows = (...args: Parameters<typeof rolling>) => [...rolling(...args)].map((entry) => entry.row);

describe('rolling', () => {
  test('forecasts after every row, or after every n-th', () => {
    expect(rows(model(), table)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(rows(model(), table, { every: 3 })).toEqual([2, 5]);
    expect(rows(model(), table, { every: 2, from: 1, to: 6 })).toEqual([1, 3, 5]);
  });

  test('a forecast has the row after which it was made, and its time', () => {
    const [entry] = rolling(model(), table, { from: 4 });
    expect(entry!.forecast.mean[0]).toBe(4);
    expect(entry!.forecast.at).toBe(40);
  });

  test('a row with a missing value gives no forecast', () => {
    expect(rows(model(), { names: ['y'], columns: [Float64Array.of(0, Number.NaN, 2)] })).toEqual([0, 2]);
  });

  test('releases the state at the end and when the caller stops early', () => {
    const counted = model();
    for (const _ of rolling(counted, table)) break;
    expect([...rolling(counted, table)].length).toBe(7);
    expect(counted.states).toBe(0);
  });

  test('refuses a missing column by name and a step below one', () => {
    expect(() => rows(model(), { names: ['Y'], columns: table.columns })).toThrow(/a column "y".*Did you mean "Y"/);
    expect(() => rows(model(), table, { every: 0 })).toThrow(/whole number >= 1 for options.every but received 0/);
  });

  test('refuses a wrong model, table or option at once, before it is iterated', () => {
    expect(() => rolling(null as never, table)).toThrow(gatecastError('invalid-argument', /a Forecaster for model/));
    expect(() => rolling(model(), { names: ['y'], columns: {} } as never)).toThrow(gatecastError('invalid-data'));
    expect(() => rolling(model(), { ...table, at: [0] } as never)).toThrow(gatecastError('invalid-data', /times/));
    expect(() => rolling(model(), table, { evry: 2 } as never)).toThrow(/Did you mean every/);
  });
});
