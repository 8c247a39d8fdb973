import { filter, lastValueFrom, tap } from 'rxjs';
import { evaluate } from '../batch/evaluate.ts';
import { rolling } from '../batch/rolling.ts';
import { type Data, seriesOf } from '../data/series.ts';
import { rowCount, sliceRows, type Table } from '../data/table.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import type { TrainProgress } from '../train/learn.ts';
import type { NetworkOptions } from '../train/models/choose-model.ts';
import { trainUntil } from '../train/train.ts';
import type { CurvePoint, Trial } from './result.ts';

/** A training with its model and its loss of each test window, by row. */
export interface TrialRun {
  readonly trial: Trial;
  readonly model: TrainedModel;
  readonly losses: ReadonlyMap<number, number>;
}

/** The tables to score on, and where their test rows begin. */
export interface Test {
  readonly tables: ReadonlyMap<string, Table>;
  readonly from: ReadonlyMap<string, number>;
}

/** What errors are scaled by. */
export const SCALE = 'series';

/** Rows that a stream is stepped through to measure its time, and when no further one is [ms]. */
const TIMED_ROWS = 2000;
const TIMED_FOR = 100;

/**
 * Trains and scores one model; undefined if `stop` aborts before it has been trained. Errors are scaled by the
 * deviation of each series before its test rows, so that all kinds of models are measured alike.
 */
export async function runTrial(
  known: Data,
  options: NetworkOptions,
  name: string,
  test: Test,
  stop: AbortSignal,
  onPass: (progress: TrainProgress<TrainedModel>) => void,
): Promise<TrialRun | undefined> {
  const begun = performance.now();
  const curve: CurvePoint[] = [];
  const passes = trainUntil(stop, known, options).pipe(
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
    const span = { from: test.from, scale: SCALE, origins: true } as const;
    const { origins, ...score } = await evaluate(model, seriesOf(test.tables), span);
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
function timeSteps(model: TrainedModel, { tables, from }: Test): number {
  const [key] = from.keys();
  const table = tables.get(key!)!;
  const rows = Math.min(TIMED_ROWS, rowCount(table));
  const some = sliceRows(table, 0, rows);
  const times = Array.from({ length: 3 }, () => {
    const begun = performance.now();
    let steps = 0;
    let elapsed = 0;
    for (const _ of rolling(model, some)) {
      steps += 1;
      elapsed = performance.now() - begun;
      if (elapsed > TIMED_FOR) break;
    }
    return elapsed / steps;
  });
  return 1000 * Math.min(...times);
}
