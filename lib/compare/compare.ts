import type { Observable } from 'rxjs';
import type { Data } from '../data/series.ts';
import { checkCompareOptions, type CompareModelsOptions } from './options.ts';
import type { CompareModelsProgress, ModelComparison } from './result.ts';
import { Run } from './run.ts';
import { resultOf, workOn } from './work-on.ts';

/**
 * Trains a GRU, an LSTM with as many parameters and one with as many units, and models of further kinds, each from
 * several seeds, and compares them with each other and with all baselines on the last rows, which nothing was fitted
 * to. The validation rows before them choose the passes. The time is bounded: passes and seeds are planned to fit, and
 * what is not done in time is left out and said. Cold: each subscription compares again, and unsubscribing ends it. The
 * last emission carries the result.
 *
 * All rows are held in memory. Throws `invalid-argument` at once for wrong options. Fails with `invalid-data` for rows
 * that are too few or a target that never changes, with the errors of `train` if no kind of model can be trained, and
 * with `invalid-argument` if the time was over before one network was trained.
 */
export function compare(data: Data, given: CompareModelsOptions): Observable<CompareModelsProgress> {
  const options = checkCompareOptions(given);
  return workOn(data, (tables, signal, emit) => new Run(tables, options, signal).all(emit));
}

/**
 * As `compare`, without the progress: resolves to the result, or rejects with the error.
 *
 * ```ts
 * const { recommendation, model } = await compareModels(table, { train: { targets: 'flow', horizon: 24 } });
 * console.log(recommendation.sentences[0]); // Take gru(32): its error is 12.0% below that of the best baseline, ...
 * ```
 */
export async function compareModels(data: Data, options: CompareModelsOptions): Promise<ModelComparison> {
  return resultOf(compare(data, options), 'a comparison');
}
