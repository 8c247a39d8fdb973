import { defer, finalize, from, lastValueFrom, type Observable } from 'rxjs';
import { checkTable, type Table } from '../data/table.ts';
import { misfit } from '../base/errors.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { parseDescription } from '../model/description.ts';
import { describeForecaster } from './assemble.ts';
import { prepareData } from './data.ts';
import { learn, type TrainProgress } from './learn.ts';
import { type ResolvedOptions, resolveOptions, type TrainOptions } from './options.ts';
import { type Plan, planTraining } from './plan.ts';
import { isArray } from '../base/values.ts';

/**
 * Learns a forecaster from one table, or one for all of several tables with the same columns. Cold: each subscription
 * learns anew, off the main thread, and unsubscribing ends it. Emits once before learning and once a pass; the last
 * emission carries the forecaster, with the weights of the best pass on the validation rows, which follow the training
 * rows in time. Learning ends early when the validation loss has not improved for `patience` passes.
 * Throws `invalid-argument` or `invalid-data` at once for options or tables that cannot be used.
 */
export function train(table: Table | readonly Table[], options: TrainOptions): Observable<TrainProgress> {
  const resolved = resolveOptions(options);
  const plan = planTraining(checkTables(table), resolved);
  // A name or a unit that no forecaster takes is refused now, not after the last pass.
  parseDescription(describeForecaster(plan, resolved, plan.shapes[0]!));
  return defer(() => {
    const abort = new AbortController();
    return from(prepareAndLearn(plan, resolved, abort.signal)).pipe(finalize(() => abort.abort()));
  });
}

/** `train` without the progress: the forecaster, or a rejection with the error. */
export async function fit(table: Table | readonly Table[], options: TrainOptions): Promise<Forecaster> {
  const last = await lastValueFrom(train(table, options));
  return last.forecaster!;
}

function checkTables(table: Table | readonly Table[]): readonly Table[] {
  const tables = isArray(table) ? (table as readonly Table[]) : [table as Table];
  if (tables.length === 0) throw misfit('at least one table', 'table', table);
  for (const [index, each] of tables.entries()) checkTable(each, tables.length > 1 ? `table ${index}` : 'the table');
  return tables;
}

async function* prepareAndLearn(
  plan: Plan,
  options: ResolvedOptions,
  signal: AbortSignal,
): AsyncGenerator<TrainProgress> {
  const data = await prepareData(plan, levelShift(plan, options));
  if (!signal.aborted) yield* learn(plan, data, options, signal);
}

function levelShift({ inputs }: Plan, options: ResolvedOptions): number {
  return options.levelShift ?? (inputs.length === 1 && options.anchor === 'last' ? 3 : 0);
}
