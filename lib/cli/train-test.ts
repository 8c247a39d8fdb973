import { baselines } from '../baselines/baselines.ts';
import { evaluate } from '../batch/evaluate.ts';
import type { ErrorScore, Score } from '../batch/score.ts';
import { expected, GatecastError, misfit } from '../base/errors.ts';
import { nameOf, type Series, seriesOf } from '../data/series.ts';
import { rowCount, sliceRows } from '../data/table.ts';
import type { Forecaster } from '../model/forecaster.ts';
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
  /** The errors of repeating the values of a day, and of a week, before. */
  seasonal: Record<string, ErrorScore>;
}

const DAY = 86_400_000;
const SEASONS: Readonly<Record<string, number>> = { day: DAY, week: 7 * DAY };
/** With fewer steps, a season is no rhythm. */
const LEAST_STEPS = 4;

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
  model: Forecaster,
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
  return { rows: first![1], seriesTested: series.size, ...score, seasonal: await seasonal(model, data, from) };
}

/** The errors of repeating the values of a season before. One that is too short, or longer than the rows, has none. */
async function seasonal(
  model: Forecaster,
  data: Series,
  from: ReadonlyMap<string, number>,
): Promise<Record<string, ErrorScore>> {
  const { interval, scale: own } = model.description;
  const scale = own ? 'series' : 'global';
  const scores: Record<string, ErrorScore> = {};
  const rows = [...from.values()].reduce((a, b) => Math.max(a, b));
  for (const [name, length] of Object.entries(SEASONS)) {
    const steps = length / (interval ?? Number.NaN);
    if (!Number.isInteger(steps) || steps < LEAST_STEPS || rows <= steps) continue;
    const { mse, mae, scaled } = await evaluate(baselines.seasonal(steps, model), data, { from, scale });
    scores[name] = { mse, mae, scaled };
  }
  return scores;
}

/** The errors as lines. */
export function describeTest(test: TestScore): string[] {
  const { naive, scaled, windows, rows, interval, seriesTested, seasonal } = test;
  const where = seriesTested > 1 ? `the last rows of ${seriesTested} series` : `rows ${rows.from} to ${rows.to - 1}`;
  const simple = { last: naive, ...seasonal };
  const row = (name: string, score: ErrorScore) =>
    [
      name.padEnd(13),
      ...[score.scaled.mse, score.scaled.mae, score.mse, score.mae].map((v) => v.toFixed(4).padStart(12)),
    ].join('');
  return [
    `Test on ${where}, seen neither in training nor in validation (${windows} windows):`,
    ' '.repeat(13) + ['MSE scaled', 'MAE scaled', 'MSE', 'MAE'].map((name) => name.padStart(12)).join(''),
    row('this model', test),
    ...Object.entries(simple).map(([name, score]) => row(`repeat ${name}`, score)),
    compared(scaled.mse, simple) + covered(interval),
  ];
}

/** The error beside the best of the simple forecasts. */
function compared(mse: number, simple: Readonly<Record<string, ErrorScore>>): string {
  const [name, best] = Object.entries(simple).reduce((a, b) => (b[1].scaled.mse < a[1].scaled.mse ? b : a));
  const repeating = name === 'last' ? 'repeating the last value' : `repeating the values of a ${name} before`;
  if (best.scaled.mse === 0) return `${repeating[0]!.toUpperCase()}${repeating.slice(1)} makes no error here.`;
  const better = 100 * (1 - mse / best.scaled.mse);
  return `MSE ${Math.abs(better).toFixed(1)}% ${better > 0 ? 'below' : 'above'} ${repeating}.`;
}

/** The share of true values in the widest interval, next to its level. */
function covered(interval: Score['interval']): string {
  if (interval === null) return '';
  const [level, held] = [interval.level, interval.held].map((share) => `${Math.round(100 * share)}%`);
  return ` The ${level} interval held ${held} of the values.`;
}
