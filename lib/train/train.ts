import { defer, finalize, from, lastValueFrom, type Observable } from 'rxjs';
import { GatecastError, misfit } from '../base/errors.ts';
import { isArray } from '../base/values.ts';
import { type Data, gather, isSeries, type KeyedTable, type Series } from '../data/series.ts';
import { checkTable, type Table } from '../data/table.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { withBatches } from './batches.ts';
import { compareOnValidation } from './compare.ts';
import { levelMoves } from './calendar.ts';
import { evenSeries } from './even-steps.ts';
import { unmarked } from '../model/gap.ts';
import { prepareData } from './data.ts';
import { learn, type TrainProgress } from './learn.ts';
import { type ResolvedOptions, resolveOptions, type TrainOptions } from './options.ts';
import { LOOKBACK, type Plan, planTraining } from './plan.ts';
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
 * Throws `invalid-argument` or `invalid-data` at once for options or tables that cannot be used. Series are read on
 * subscription and then held in memory; the result fails with these errors then, or with the error that their source
 * throws.
 */
export function train(data: Data | readonly Table[], options: TrainOptions): Observable<TrainProgress> {
  if (!isArray(data) && isSeries(data)) {
    const named = namedByRoles(options);
    if (!needsRoles(named)) resolveOptions(named);
    return learning(async () => makeCourse(await tablesOf(data), options));
  }
  const course = makeCourse(checkTables(data as Table | readonly Table[]), options);
  return learning(async () => course);
}

/** As `train`, without the progress: resolves to the forecaster, or rejects with the error. */
export async function fit(data: Data | readonly Table[], options: TrainOptions): Promise<Forecaster> {
  const last = await lastValueFrom(train(data, options));
  return last.forecaster!;
}

/**
 * The default of `levelShift` for one input. A series with a calendar whose level stays where it is needs none: on
 * half-hours with days and weeks, copies cost a fifth of the accuracy (`npm run bench:accuracy -- --trial half-hours`).
 */
const SHIFT = 3;

/** The plan and the options of a training. */
interface Course {
  plan: Plan;
  options: ResolvedOptions;
  /** What was done to the rows because of their times, and what of them is not learned. */
  notes: readonly string[];
}

function makeCourse(tables: readonly KeyedTable[], given: TrainOptions): Course {
  const assigned = assignRoles(tables, given);
  const resolved = resolveOptions(assigned.options);
  const even = evenSeries(assigned.tables, resolved, resolved.lookback ?? LOOKBACK);
  const options = { ...resolved, ...(even.interval !== undefined && { interval: even.interval }) };
  const plan = planTraining(even.tables, options, even.splits);
  const planned = assigned.options.batchSize === undefined ? withBatches(plan, options) : { plan, options };
  const rare = plan.description.inputs.flatMap((input) => rareWords(plan.series, input) ?? []);
  return { ...planned, notes: [...even.notes, ...rare] };
}

function learning(course: () => Promise<Course>): Observable<TrainProgress> {
  return defer(() => {
    const abort = new AbortController();
    return from(prepareAndLearn(course, abort.signal)).pipe(finalize(() => abort.abort()));
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

async function* prepareAndLearn(course: () => Promise<Course>, signal: AbortSignal): AsyncGenerator<TrainProgress> {
  const { plan, options, notes } = await course();
  if (signal.aborted) return;
  const data = await prepareData(plan, levelShift(plan, options));
  if (signal.aborted) return;
  for await (const progress of learn(plan, data, options, signal)) {
    const { forecaster } = progress;
    yield { ...progress, notes, ...(forecaster && { compare: () => compareOnValidation(forecaster, plan) }) };
  }
}

function levelShift({ inputs, gap, scale, series, description }: Plan, options: ResolvedOptions): number {
  if (scale !== undefined) return 0;
  if (options.levelShift !== undefined) return options.levelShift;
  if (unmarked(inputs, gap).length > 1 || options.anchor !== 'last') return 0;
  const { calendar, targets } = description;
  return calendar === undefined || levelMoves(series, calendar, targets) ? SHIFT : 0;
}
