import { defer, finalize, from, lastValueFrom, type Observable } from 'rxjs';
import { GatecastError, misfit } from '../base/errors.ts';
import { isArray } from '../base/values.ts';
import { type Data, gather, isSeries, type KeyedTable, type Series } from '../data/series.ts';
import { checkTable, type Table } from '../data/table.ts';
import type { EsrnnForecaster } from '../model/esrnn/esrnn-forecaster.ts';
import type { Forecaster } from '../model/forecaster.ts';
import type { SegmentForecaster } from '../model/segment/segment-forecaster.ts';
import type { TrainedDescription, TrainedModel } from '../model/trained-model.ts';
import { compareOnValidation, scoreOnValidation } from './compare.ts';
import { levelMoves } from './calendar.ts';
import { Checkpoint } from './checkpoint.ts';
import { checkCounts } from './counts.ts';
import { type EvenSeries, evenSeries } from './even-steps.ts';
import { unmarked } from '../model/gap.ts';
import { headOf } from '../model/heads/heads.ts';
import { prepareData, type TrainingData } from './data.ts';
import { type FineTuneOptions, isFineTuning, planFrom, resolveFineTuning } from './fine-tune.ts';
import { identityOf } from './identity.ts';
import { learn, type TrainProgress } from './learn.ts';
import { type NetworkOptions, whySegments } from './models/choose-model.ts';
import { deeparTask } from './models/deepar.ts';
import { esrnnTask, planEsrnn } from './models/esrnn.ts';
import { recurrentTask } from './models/recurrent.ts';
import { planSegments, SEGMENT_LOOKBACK, segmentTask } from './models/segment.ts';
import { withSegmentPace } from './models/segment-pace.ts';
import type { LearningTask } from './models/task.ts';
import {
  type EsrnnOptions,
  type ResolvedOptions,
  resolveOptions,
  type SegmentOptions,
  type TrainOptions,
} from './options.ts';
import { withPace } from './pace.ts';
import { layOut, LOOKBACK, type Plan, planTraining } from './plan.ts';
import { assignRoles, namedByRoles, needsRoles } from './roles.ts';
import { rareWords } from './vocabulary.ts';

/**
 * Trains one forecaster on a table, or on several tables or series with the same columns. No window crosses from one
 * series into another. Cold: each subscription trains again, off the main thread, and unsubscribing ends it. Emits once
 * before learning and once per pass. The last emission carries the forecaster, with the weights of the best pass on the
 * validation rows, which follow the training rows of each series in time. Learning ends early if the validation loss
 * has not improved for `patience` passes.
 *
 * Rows with times are put in time order and on even steps first, as the clock of a live stream does: a step without a
 * row has missing values, and nothing is learned across a hole longer than `lookback`. `notes` says what was done.
 *
 * With `from`, learning begins with the weights of a model, whose inputs, targets and scaler stay.
 *
 * With `checkpoint`, learning goes on from that file if it is there, with the same bits as if it had not been
 * interrupted. It fails with `invalid-file` if the file is of other data or options.
 *
 * Throws `invalid-argument` or `invalid-data` at once for options or tables that cannot be used. Series are read on
 * subscription and then held in memory; the result fails with these errors then, or with the error that their source
 * throws.
 */
export function train(
  data: Data | readonly Table[],
  options: NetworkOptions | FineTuneOptions,
): Observable<TrainProgress>;
export function train(
  data: Data | readonly Table[],
  options: SegmentOptions,
): Observable<TrainProgress<SegmentForecaster>>;
export function train(data: Data | readonly Table[], options: EsrnnOptions): Observable<TrainProgress<EsrnnForecaster>>;
export function train(
  data: Data | readonly Table[],
  options: TrainOptions,
): Observable<TrainProgress<Forecaster | SegmentForecaster>>;
export function train(
  data: Data | readonly Table[],
  options: TrainOptions | FineTuneOptions | SegmentOptions | EsrnnOptions,
): Observable<TrainProgress<TrainedModel>>;
export function train(
  data: Data | readonly Table[],
  given: TrainOptions | FineTuneOptions | SegmentOptions | EsrnnOptions,
): Observable<TrainProgress<TrainedModel>> {
  return trainUntil(undefined, data, given);
}

/** As `train`, but when `stop` aborts, it completes without a model, once the checkpoint is written. */
export function trainUntil(
  stop: AbortSignal | undefined,
  data: Data | readonly Table[],
  given: TrainOptions | FineTuneOptions | SegmentOptions | EsrnnOptions,
): Observable<TrainProgress<TrainedModel>> {
  const options = given as TrainOptions | FineTuneOptions; // the check of the options knows all of them
  if (!isArray(data) && isSeries(data)) {
    checkTraining(options);
    return learning(async () => prepareTraining(await tablesOf(data), options), stop);
  }
  const prepared = prepareTraining(checkTables(data as Table | readonly Table[]), options);
  return learning(async () => prepared, stop);
}

/** As `train`, without the progress: resolves to the model, or rejects with the error. */
export function fit(data: Data | readonly Table[], options: NetworkOptions | FineTuneOptions): Promise<Forecaster>;
export function fit(data: Data | readonly Table[], options: SegmentOptions): Promise<SegmentForecaster>;
export function fit(data: Data | readonly Table[], options: EsrnnOptions): Promise<EsrnnForecaster>;
export function fit(data: Data | readonly Table[], options: TrainOptions): Promise<Forecaster | SegmentForecaster>;
export function fit(
  data: Data | readonly Table[],
  options: TrainOptions | FineTuneOptions | SegmentOptions | EsrnnOptions,
): Promise<TrainedModel>;
export async function fit(
  data: Data | readonly Table[],
  options: TrainOptions | FineTuneOptions | SegmentOptions | EsrnnOptions,
): Promise<TrainedModel> {
  const last = await lastValueFrom(train(data, options));
  return last.forecaster!;
}

/**
 * The default of `levelShift` for one input. A series with a calendar whose level stays where it is needs none: on
 * half-hours with days and weeks, copies cost some accuracy (`npm run bench:accuracy -- --trial half-hours`).
 */
const SHIFT = 3;

/** The plan and the options of a training. */
interface Prepared {
  plan: Plan<TrainedDescription>;
  options: ResolvedOptions;
  task: LearningTask<TrainedModel>;
  levelShift: number;
  /** What was done to the rows because of their times, and what of them is not learned. */
  notes: readonly string[];
}

function prepareTraining(given: readonly KeyedTable[], choice: TrainOptions | FineTuneOptions): Prepared {
  const { tables, options: resolved, asked } = isFineTuning(choice) ? ofModel(given, choice) : ofOptions(given, choice);
  const even = evenRows(tables, resolved);
  const { options } = even;
  if (options.model === 'segment') {
    const chosen = withSegmentPace(planSegments(even.tables, options, even.splits), options, asked);
    return { ...chosen, task: segmentTask(chosen.plan, chosen.options), levelShift: 0, notes: even.notes };
  }
  const why = whySegments(asked, options, layOut(even.tables, even.splits));
  if (why !== undefined) {
    const chosen = prepareTraining(given, { ...choice, model: 'segment' } as unknown as TrainOptions);
    return { ...chosen, notes: [...chosen.notes, why] };
  }
  if (options.model === 'esrnn') {
    const plan = planEsrnn(even.tables, options, even.splits);
    return { plan, options, task: esrnnTask(plan, options), levelShift: 0, notes: even.notes };
  }
  const plan = planTraining(even.tables, options, even.splits);
  const known = options.from ? planFrom(plan, options.from) : plan;
  const learned = options.from ? [] : plan.description.inputs; // a model that learns on keeps its words
  const rare = learned.flatMap((input) => rareWords(plan.series, input) ?? []);
  const chosen = withPace(known, options, asked);
  return {
    ...chosen,
    task:
      options.model === 'deepar' ? deeparTask(chosen.plan, chosen.options) : recurrentTask(chosen.plan, chosen.options),
    levelShift: levelShift(chosen.plan, chosen.options),
    notes: [...even.notes, ...rare],
  };
}

/** The rows on even steps, and the options with the time between them. */
function evenRows(tables: readonly KeyedTable[], options: ResolvedOptions): EvenSeries & { options: ResolvedOptions } {
  const lookback = options.lookback ?? (options.model === 'segment' ? SEGMENT_LOOKBACK : LOOKBACK);
  const even = evenSeries(tables, options, lookback);
  return { ...even, options: { ...options, ...(even.interval !== undefined && { interval: even.interval }) } };
}

/** What is to be learned from which columns. `asked` are the options as they were given. */
interface Choice {
  tables: readonly KeyedTable[];
  options: ResolvedOptions;
  asked: Omit<TrainOptions, 'horizon'>;
}

function ofOptions(given: readonly KeyedTable[], choice: TrainOptions): Choice {
  const { tables, options } = assignRoles(given, choice);
  const resolved = resolveOptions(options, tables);
  if (headOf(resolved.loss).truths === 'counts') checkCounts(tables, resolved);
  return { tables, options: resolved, asked: options };
}

function ofModel(given: readonly KeyedTable[], choice: FineTuneOptions): Choice {
  const { options, roles } = resolveFineTuning(choice);
  return { tables: assignRoles(given, { roles, horizon: options.horizon }).tables, options, asked: choice };
}

/** Checks what can be checked before the rows are read. Throws `invalid-argument`. */
export function checkTraining(options: TrainOptions | FineTuneOptions): void {
  if (isFineTuning(options)) {
    resolveFineTuning(options);
    return;
  }
  const named = namedByRoles(options);
  if (!needsRoles(named)) resolveOptions(named);
}

function learning(
  prepared: () => Promise<Prepared>,
  stop: AbortSignal | undefined,
): Observable<TrainProgress<TrainedModel>> {
  return defer(() => {
    const abort = new AbortController();
    const signal = stop ? AbortSignal.any([abort.signal, stop]) : abort.signal;
    return from(prepareAndLearn(prepared, signal)).pipe(finalize(() => abort.abort()));
  });
}

function checkTables(data: Table | readonly Table[]): readonly KeyedTable[] {
  const tables = isArray(data) ? (data as readonly Table[]) : [data as Table];
  if (tables.length === 0) throw misfit('at least one table', 'table', data);
  return Array.from(tables, (each, index) => {
    checkTable(each, tables.length > 1 ? `table ${index}` : 'the table');
    return { ...each, key: '' };
  });
}

async function tablesOf(series: Series): Promise<KeyedTable[]> {
  const tables = [...(await gather(series))].map(([key, table]) => ({ ...table, key }));
  if (tables.length > 0) return tables;
  throw new GatecastError('invalid-data', 'Expected rows to learn from in the series but found none.');
}

async function* prepareAndLearn(
  prepared: () => Promise<Prepared>,
  signal: AbortSignal,
): AsyncGenerator<TrainProgress<TrainedModel>> {
  const { plan, options, task, notes, ...course } = await prepared();
  if (signal.aborted) return;
  const data = await prepareData(plan, course.levelShift, options.refit);
  const checkpoint = await checkpointOf(plan, data, options);
  if (signal.aborted) return;
  const found = checkpoint?.found && `goes on after pass ${checkpoint.found.progress.epoch}, from ${checkpoint.path}`;
  const all = found ? [...notes, found] : notes;
  for await (const { validated, ...progress } of learn(task, data, options, signal, checkpoint)) {
    const { forecaster } = progress;
    const judged = async () => {
      forecaster!.weights(); // throws if it is disposed of
      return validated!;
    };
    const ended = forecaster && {
      compare: async () => compareOnValidation(await judged(), plan),
      validate: async () => scoreOnValidation(await judged(), plan),
    };
    yield { ...progress, notes: all, ...ended };
  }
}

async function checkpointOf(
  plan: Plan<TrainedDescription>,
  data: TrainingData,
  options: ResolvedOptions,
): Promise<Checkpoint | undefined> {
  const { checkpoint, checkpointEvery } = options;
  if (checkpoint === undefined) return undefined;
  return Checkpoint.open(checkpoint, checkpointEvery, identityOf(plan, data, options));
}

function levelShift({ inputs, gap, scale, series, description }: Plan, options: ResolvedOptions): number {
  if (scale !== undefined || options.model === 'deepar') return 0;
  if (options.levelShift !== undefined) return options.levelShift;
  if (unmarked(inputs, gap).length > 1 || options.anchor !== 'last') return 0;
  const { calendar, targets } = description;
  return calendar === undefined || levelMoves(series, calendar, targets) ? SHIFT : 0;
}
