import { evaluate } from '../batch/evaluate.ts';
import { type BaselineComparison, compareWithBaselines } from '../batch/compare-with-baselines.ts';
import type { ErrorScore, Score } from '../batch/score.ts';
import { expected, GatecastError, misfit } from '../base/errors.ts';
import { nameOf, seriesOf } from '../data/series.ts';
import { rowCount, sliceRows } from '../data/table.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import type { Span } from '../train/windows.ts';
import type { Tables } from './input.ts';

/** How many rows are for training, validation and test, as given on the command line. */
export interface Split {
  train: number;
  validation: number;
  test: number;
}

/** The errors on the test rows. */
export interface TestScore extends Omit<Score, 'steps' | 'targets'> {
  /** The test rows of the first series. */
  rows: Span;
  /** How many series were tested. */
  seriesTested: number;
}

/** The model beside the baselines. */
export interface Comparison extends BaselineComparison {
  /** Which rows were compared: those of the test, or without any those that chose the pass, whose score is too good. */
  on: 'test' | 'validation';
}

/** The rows of each series kept for the test: as given, or the last 15% if that is at least two horizons long. */
export function testRows(tables: Tables, horizon: number, split: Split | undefined): Map<string, Span> {
  return new Map([...tables].map(([key, table]) => [key, testSpan(rowCount(table), horizon, split, key)]));
}

function testSpan(rows: number, horizon: number, split: Split | undefined, key: string): Span {
  if (!split) {
    const tail = Math.floor(rows * 0.15);
    return { from: tail >= 2 * horizon ? rows - tail : rows, to: rows };
  }
  const from = split.train + split.validation;
  const to = from + split.test;
  if (split.test > 0 && split.test < horizon) {
    const what = `no rows to test on, or at least ${horizon} for one forecast,`;
    throw misfit(what, '--split', split.test);
  }
  if (to <= rows) return { from, to };
  const what = `at most ${rows} rows in all${key === '' ? '' : `, those of ${nameOf(key)},`}`;
  throw new GatecastError('invalid-data', expected(what, '--split', to));
}

/** The errors on the test rows; undefined if there are none. */
export async function measureTest(
  model: TrainedModel,
  tables: Tables,
  tests: ReadonlyMap<string, Span>,
): Promise<TestScore | undefined> {
  const tested = [...tests].filter(([, { from, to }]) => to > from);
  if (tested.length === 0) return undefined;
  const ends = new Map([...tables].map(([key, table]) => [key, sliceRows(table, 0, tests.get(key)!.to)]));
  const from = new Map(tested.map(([key, span]) => [key, span.from]));
  const data = seriesOf(ends);
  const { series, steps: _steps, targets: _targets, ...score } = await evaluate(model, data, { from });
  const [first] = tested;
  return { rows: first![1], seriesTested: series.size, ...score };
}

/**
 * The model beside the baselines on the test rows, or on the validation rows, as `onValidation` does, if no row is for
 * a test. Undefined if there is no window.
 */
export async function compare(
  model: TrainedModel,
  tables: Tables,
  tests: ReadonlyMap<string, Span>,
  onValidation: () => Promise<BaselineComparison>,
): Promise<Comparison | undefined> {
  const tested = [...tests].filter(([, { from, to }]) => to > from);
  const ends = new Map([...tables].map(([key, table]) => [key, sliceRows(table, 0, tests.get(key)!.to)]));
  const from = new Map(tested.map(([key, span]) => [key, span.from]));
  try {
    if (tested.length === 0) return { on: 'validation', ...(await onValidation()) };
    return { on: 'test', ...(await compareWithBaselines(model, seriesOf(ends), { from })) };
  } catch (error) {
    if (error instanceof GatecastError && error.code === 'invalid-data') return undefined;
    throw error;
  }
}

/** The errors as lines; `test` is missing if no row is for a test, and `comparison` if there was no window. */
export function describeTest(test: TestScore | undefined, comparison: Comparison | undefined): string[] {
  const row = (name: string, score: ErrorScore) =>
    [
      name.padEnd(18),
      ...[score.scaled.mse, score.scaled.mae, score.mse, score.mae].map((v) => v.toFixed(4).padStart(12)),
    ].join('');
  const names = ' '.repeat(18) + ['MSE scaled', 'MAE scaled', 'MSE', 'MAE'].map((name) => name.padStart(12)).join('');
  const scored = test ? [titleOf(test), names, row('this model', test)] : [];
  const held = test ? covered(test.interval) : '';
  if (!comparison) return [...scored, ...(held ? [held] : [])];
  const { on, windows, model, baselines, verdict, noise, leftOut } = comparison;
  const again =
    test && test.windows === windows ? [] : [`${titles[on]} (${windows} windows):`, names, row('this model', model)];
  const lines = Object.entries(baselines).map(([name, score]) => row(name, score));
  return [...scored, ...again, ...lines, [verdict, noise?.text, held].filter(Boolean).join(' '), ...leftOut];
}

const titles = {
  test: 'Compared with the baselines on the last of the test rows',
  validation: 'Compared with the baselines on the validation rows, which chose the pass, so that the score is too good',
};

function titleOf({ rows, seriesTested, windows }: TestScore): string {
  const where = seriesTested > 1 ? `the last rows of ${seriesTested} series` : `rows ${rows.from} to ${rows.to - 1}`;
  return `Test on ${where}, seen neither in training nor in validation (${windows} windows):`;
}

/** The share of true values in the widest interval, next to its level. */
function covered(interval: Score['interval']): string {
  if (interval === null) return '';
  const [level, held] = [interval.level, interval.held].map((share) => `${Math.round(100 * share)}%`);
  return `The ${level} interval held ${held} of the values.`;
}
