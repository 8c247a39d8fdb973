import { filter, lastValueFrom, type Observable, takeUntil, tap } from 'rxjs';
import { evaluate } from '../batch/evaluate.ts';
import { rolling } from '../batch/rolling.ts';
import { type Data, seriesOf } from '../data/series.ts';
import { rowCount, sliceRows, type Table } from '../data/table.ts';
import type { Forecaster } from '../model/forecaster.ts';
import type { TrainProgress } from '../train/learn.ts';
import type { NetworkOptions } from '../train/models/choose-model.ts';
import { train } from '../train/train.ts';
import type { CurvePoint, Trial } from './result.ts';

/** A training with its model and its loss of each test window, by row. */
export interface TrialRun {
  readonly trial: Trial;
  readonly model: Forecaster;
  readonly losses: ReadonlyMap<number, number>;
}

/** The tables to score on, and where their test rows begin. */
export interface Test {
  readonly tables: ReadonlyMap<string, Table>;
  readonly from: ReadonlyMap<string, number>;
}

/** Rows that a stream is stepped through to measure its time. */
const TIMED_ROWS = 2000;

/** Trains and scores one model; undefined if `stopped` emits before it has been trained. */
export async function runTrial(
  known: Data,
  options: NetworkOptions,
  name: string,
  test: Test,
  stopped: Observable<unknown>,
  onPass: (progress: TrainProgress) => void,
): Promise<TrialRun | undefined> {
  const begun = performance.now();
  const curve: CurvePoint[] = [];
  const passes = train(known, options).pipe(
    takeUntil(stopped),
    tap((progress) => {
      onPass(progress);
      if (progress.forecaster) return;
      curve.push({ pass: progress.epoch, training: progress.trainLoss, validation: progress.validationLoss });
    }),
    filter(({ forecaster }) => forecaster !== undefined),
  );
  const last = await lastValueFrom(passes, { defaultValue: undefined });
  if (!last) return undefined;
  const model = last.forecaster!;
  const seconds = (performance.now() - begun) / 1000;
  try {
    const { origins, ...score } = await evaluate(model, seriesOf(test.tables), { from: test.from, origins: true });
    const trial: Trial = {
      candidate: name,
      seed: options.seed!,
      passes: last.epoch,
      bestPass: model.description.training.bestEpoch,
      seconds,
      stepMicroseconds: timeSteps(model, test),
      curve: [...curve, { pass: last.epoch, training: last.trainLoss, validation: last.validationLoss }],
      score,
    };
    return { trial, model, losses: new Map(origins!.map(({ row, scaled }) => [row, scaled.mse])) };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Time of a step with its forecast, of one stream [us]: the fastest of three runs over the same rows. */
function timeSteps(model: Forecaster, { tables, from }: Test): number {
  const [key] = from.keys();
  const table = tables.get(key!)!;
  const rows = Math.min(TIMED_ROWS, rowCount(table));
  const some = sliceRows(table, 0, rows);
  const times = Array.from({ length: 3 }, () => {
    const begun = performance.now();
    for (const _ of rolling(model, some)) continue;
    return performance.now() - begun;
  });
  return (1000 * Math.min(...times)) / rows;
}
