import { concatMap, defer, from, lastValueFrom, type Observable, of } from 'rxjs';
import { GatecastError } from '../base/errors.ts';
import type { ClassEvaluation } from '../batch/evaluate-classes.ts';
import type { EvaluatedModel } from '../batch/evaluate-options.ts';
import { checkModel } from '../batch/lanes.ts';
import type { Score, SeriesScore } from '../batch/score.ts';
import { type Data, gather, isSeries, type Series } from '../data/series.ts';
import type { Table } from '../data/table.ts';
import type { TrainProgress } from '../train/learn.ts';
import { train as trained } from '../train/train.ts';
import type { Fit } from './fits.ts';
import { type BacktestOptions, type CheckedOptions, checkBacktestOptions, type ModelTrainer } from './options.ts';
import { Run } from './run.ts';

/** How far a backtest has come. */
export interface BacktestProgress<S extends Score = Score> {
  /** The training that runs or has just been scored, from 1, and how many there are. */
  fit: number;
  fits: number;
  /** Origins scored, and how many there are. */
  done: number;
  origins: number;
  /** The progress of the training that runs; left out once it has been scored. */
  training?: TrainProgress;
  /** The result; set on the last emission only. */
  score?: S;
  /** The result for a forecaster of a category, in its place. */
  classes?: ClassEvaluation;
}

/**
 * Trains and scores models at origins that move through the data (rolling-origin evaluation: Tashman, International
 * Journal of Forecasting 16, 2000). From each origin, the next `horizon` steps are forecast by a model that has learned
 * from steps before it only. The result has the measures of `evaluate` over all origins, and in `origins` the errors of
 * each: the prequential score. `backtestClasses` scores a forecaster of a category.
 *
 * All rows are held in memory. For several series with times, steps are steps in time, not rows. The promise is
 * rejected with `invalid-argument` or `invalid-data` for arguments that cannot be used, with the errors of `train`, and
 * with an `invalid-argument` whose `cause` is what a function given as `train` throws.
 *
 * ```ts
 * const windows = { horizon: 24, origins: 8 };
 * const { mase, origins } = await backtest(table, { train: { targets: 'load', horizon: 24 }, ...windows });
 * const last = await backtest(table, { train: () => baselines.last({ inputs: ['load'], horizon: 24 }), ...windows });
 * ```
 */
export function backtest(series: Series, options: BacktestOptions): Promise<SeriesScore>;
export function backtest(table: Table, options: BacktestOptions): Promise<Score>;
export async function backtest(data: Data, options: BacktestOptions): Promise<Score> {
  const last = await lastValueFrom(progressOf(data, options, 'score'));
  return last.score!;
}

/**
 * As `backtest`, for a forecaster of a category. Delays of changes count forecasts, which are `stride` steps apart. Is
 * rejected with `invalid-argument` for a forecaster of numbers.
 *
 * ```ts
 * const { accuracy, naive } = await backtestClasses(table, { train: { targets: 'state', horizon: 1 }, origins: 50 });
 * ```
 */
export async function backtestClasses(data: Data, options: BacktestOptions): Promise<ClassEvaluation> {
  const last = await lastValueFrom(progressOf(data, options, 'classes'));
  return last.classes!;
}

/**
 * As `backtest`, with its progress: after each pass of each training, and after each training has been scored. Cold:
 * each subscription runs it again, and unsubscribing ends it. The last emission carries the score. Throws
 * `invalid-argument` or `invalid-data` at once for options and tables that cannot be used.
 */
export function backtestProgress(series: Series, options: BacktestOptions): Observable<BacktestProgress<SeriesScore>>;
export function backtestProgress(table: Table, options: BacktestOptions): Observable<BacktestProgress>;
export function backtestProgress(data: Data, options: BacktestOptions): Observable<BacktestProgress> {
  return progressOf(data, options);
}

function progressOf(data: Data, given: BacktestOptions, wanted?: 'score' | 'classes'): Observable<BacktestProgress> {
  const options = checkBacktestOptions(given);
  const table = isSeries(data) ? undefined : data;
  const start = async () => {
    const tables = table ? new Map([['', table]]) : await gather(data as Series);
    return new Run(tables, options, table !== undefined, wanted);
  };
  return defer(start).pipe(concatMap((run) => from(run.fits).pipe(concatMap((fit, i) => steps(run, fit, i, options)))));
}

/** The passes of a training, then what is known when its model has been scored. */
function steps(run: Run, fit: Fit, i: number, { train }: CheckedOptions): Observable<BacktestProgress> {
  const { fits } = run;
  const origins = fits.reduce((sum, each) => sum + each.origins, 0);
  const reached = (done: number): BacktestProgress => ({ fit: i + 1, fits: fits.length, done, origins });
  const scored = async (model: EvaluatedModel): Promise<BacktestProgress> => {
    await run.score(model, fit);
    const progress = reached(fit.before + fit.origins);
    return i + 1 < fits.length ? progress : { ...progress, ...run.result() };
  };
  return defer(() => {
    const rows = run.trainingRows(fit);
    if (typeof train === 'function') return from(madeBy(train, rows).then(scored));
    return trained(rows, train).pipe(
      concatMap(({ forecaster, compare: _compare, ...training }) => {
        if (!forecaster) return of({ ...reached(fit.before), training });
        return from(scored(forecaster).finally(() => forecaster.dispose()));
      }),
    );
  });
}

async function madeBy(train: ModelTrainer, rows: Data): Promise<EvaluatedModel> {
  try {
    const model = await train(rows);
    checkModel(model);
    return model;
  } catch (cause) {
    if (cause instanceof GatecastError) throw cause;
    const message = 'Expected a function that makes a model for options.train but received one that throws.';
    throw new GatecastError('invalid-argument', message, { cause });
  }
}
