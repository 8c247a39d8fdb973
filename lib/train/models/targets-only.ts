import { misfit } from '../../base/errors.ts';
import type { KeyedTable } from '../../data/series.ts';
import { columnIndex } from '../../data/table.ts';
import { type Gap, withMarks } from '../../model/gap.ts';
import type { ResolvedOptions } from '../options.ts';
import { gapOf } from '../plan.ts';

/**
 * How missing values are filled for a model whose network reads nothing but its targets. Throws `invalid-data` for a
 * target that is no column, and `invalid-argument` for other inputs, and for a policy that would be one.
 */
export function gapOfTargets(tables: readonly KeyedTable[], options: ResolvedOptions): Gap | undefined {
  const { model, targets, inputs } = options;
  const named = inputs === 'all' ? tables[0]!.names : (inputs ?? []);
  for (const target of targets) columnIndex(tables[0]!, target);
  const other = named.find((name) => !targets.includes(name));
  if (other !== undefined) {
    throw misfit(`only the targets, each of which the model '${model}' reads alone,`, 'the inputs', other);
  }
  const gap = gapOf(tables, targets, options.gap);
  const marked = withMarks([...targets], gap)[targets.length];
  if (marked === undefined) return gap;
  throw misfit(`'hold', 'decay' or 'impute' with the model '${model}'`, 'options.gap', marked.replace(/.*_/, ''));
}
