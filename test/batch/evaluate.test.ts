import { describe, expect, test } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { standInModel } from './stand-in-model.ts';

const line = (rows: number) => ({ names: ['y'], columns: [Float64Array.from({ length: rows }, (_, t) => t)] });
const perfect = { horizon: 3, predict: (last: Float64Array, _: number, step: number) => last[0]! + step };

describe('evaluate', () => {
  test('a perfect forecaster of y_t = t has no error, and one that is a step late has an error of one', () => {
    const score = evaluate(standInModel(perfect), line(50));
    expect(score.mse).toBe(0);
    expect(score.mae).toBe(0);
    const late = evaluate(standInModel({ ...perfect, predict: (last, _, step) => last[0]! + step - 1 }), line(50));
    expect(late.mse).toBe(1);
  });

  test('repeat-last on y_t = t errs by the step: 1, 2, 3', () => {
    const { naive } = evaluate(standInModel({ ...perfect, std: [2] }), line(50));
    expect(naive.mae).toBeCloseTo(2, 12);
    expect(naive.mse).toBeCloseTo((1 + 4 + 9) / 3, 12);
    expect(naive.scaled.mae).toBeCloseTo(1, 12);
    expect(naive.scaled.mse).toBeCloseTo((1 + 4 + 9) / 12, 12);
  });

  test('the windows are those whose horizon lies inside [from, to), whatever the lookback', () => {
    expect(evaluate(standInModel(perfect), line(50), { from: 20, to: 40 }).windows).toBe(20 - 3 + 1);
    expect(evaluate(standInModel({ ...perfect, lookback: 20 }), line(50), { from: 20, to: 40 }).windows).toBe(18);
    expect(evaluate(standInModel({ ...perfect, lookback: 21 }), line(50), { from: 20, to: 40 }).windows).toBe(17);
  });

  test('a missing value excludes every window that contains it from both scores', () => {
    const table = line(50);
    table.columns[0]![30] = Number.NaN;
    const score = evaluate(standInModel(perfect), table, { from: 20, to: 40 });
    expect(score.windows).toBe(18 - 4);
    expect(score.mse).toBe(0);
    expect(score.naive.mae).toBeCloseTo(2, 12);
  });

  test('coverage is the share of true values at or below each quantile', () => {
    const above = { ...perfect, levels: [0.1, 0.9] };
    const score = evaluate(
      standInModel({ ...above, predict: (last, _, step, level = 0.5) => last[0]! + step + (level < 0.5 ? -1 : 1) }),
      line(50),
    );
    expect(score.coverage).toEqual({ 0.1: 0, 0.9: 1 });
    // the line rises by one a row, which is what errors are scaled by
    expect(score.interval).toEqual({ level: 0.8, held: 1, width: 2, winkler: 2, msis: 2 });
    expect(evaluate(standInModel(perfect), line(50)).interval).toBeNull();
  });

  test('an interval includes the values on its bounds', () => {
    const exact = standInModel({ ...perfect, levels: [0.1, 0.9] });
    expect(evaluate(exact, line(50)).interval).toEqual({ level: 0.8, held: 1, width: 0, winkler: 0, msis: 0 });
  });

  test('takes inputs by name, in any column order, and averages over targets', () => {
    const table = {
      names: ['unused', 'b', 'a'],
      columns: [0, 1, 2].map((slope) => Float64Array.from({ length: 30 }, (_, t) => slope * t)),
    };
    const model = standInModel({
      inputs: ['a', 'b'],
      targets: ['b', 'a'],
      horizon: 1,
      std: [4, 1],
      predict: (last, target) => (target === 0 ? last[1]! + 1 : last[0]!),
    });
    const score = evaluate(model, table);
    expect(score.mae).toBeCloseTo((0 + 2) / 2, 12);
    expect(score.scaled.mae).toBeCloseTo((0 + 0.5) / 2, 12);
  });

  test('reports that there is no window to score, and leaves no state behind', () => {
    const model = standInModel(perfect);
    expect(() => evaluate(model, line(3))).toThrow(/at least one complete window of horizon 3/);
    expect(model.states).toBe(0);
  });

  test('refuses wrong options', () => {
    expect(() => evaluate(standInModel(perfect), line(50), 5 as never)).toThrow(gatecastError('invalid-argument'));
    expect(() => evaluate(standInModel(perfect), line(50), { from: -1 })).toThrow(/options.from/);
  });
});
