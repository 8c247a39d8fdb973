import type { Observable } from 'rxjs';
import { resultOf, workOn } from '../compare/work-on.ts';
import type { Data } from '../data/series.ts';
import { checkTuneOptions, type TuneOptions } from './options.ts';
import type { TuneProgress, Tuning } from './result.ts';
import { Search } from './search.ts';

/**
 * Searches the options of `train` for the setting with the least error on the validation rows: the kind of model, the
 * cell, size, layers, lookback, learning rate and dropout. Its model is then scored with all baselines on the last
 * rows, which chose nothing. The time is bounded, and the search goes on from its `checkpoint` after it was
 * interrupted, to the same trials. Cold: each subscription searches, and unsubscribing ends it. The last emission
 * carries the result.
 *
 * All rows are held in memory. Throws `invalid-argument` at once for wrong options. Fails with `invalid-data` for rows
 * that are too few or a target that never changes, with the errors of `train` if no kind of model can be trained, with
 * `invalid-file` for a checkpoint of another search, and with `invalid-argument` if the time was over before one
 * setting was trained.
 */
export function tune(data: Data, given: TuneOptions): Observable<TuneProgress> {
  const options = checkTuneOptions(given);
  return workOn(data, (tables, signal, emit) => new Search(tables, options, signal, emit).all());
}

/**
 * As `tune`, without the progress: resolves to the result, or rejects with the error.
 *
 * ```ts
 * const { best, model } = await tuneModel(table, { train: { targets: 'flow', horizon: 24 }, budget: '10m' });
 * console.log(best.setting); // { model: 'recurrent', cell: 'gru', hidden: 64, ... }
 * ```
 */
export async function tuneModel(data: Data, options: TuneOptions): Promise<Tuning> {
  return resultOf(tune(data, options), 'a search');
}
