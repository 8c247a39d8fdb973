import type { KeyedTable } from '../../data/series.ts';
import { columnIndex, rowCount } from '../../data/table.ts';
import type { Gap } from '../../model/gap.ts';
import { targetBounds } from '../bounds.ts';
import { checkAlone } from '../channels.ts';
import type { ResolvedOptions } from '../options.ts';
import { gapOf, type Plan, type SeriesRows } from '../plan.ts';
import type { WindowShape } from '../windows.ts';

/**
 * How missing values are filled for a model whose network reads nothing but its targets. Throws `invalid-data` for a
 * target that is no column, and `invalid-argument` for other inputs, and for a policy that would be one.
 */
export function gapOfTargets(tables: readonly KeyedTable[], options: ResolvedOptions): Gap | undefined {
  const { model, targets, inputs } = options;
  const named = inputs === 'all' ? tables[0]!.names : (inputs ?? []);
  for (const target of targets) columnIndex(tables[0]!, target);
  checkAlone(options, named, `with the model '${model}'`);
  return gapOf(tables, targets, options.gap);
}

/** The plan of such a model, without its description. */
export function planOfTargets(
  tables: readonly KeyedTable[],
  options: ResolvedOptions,
  { series, gap, shape }: { series: SeriesRows[]; gap: Gap | undefined; shape: WindowShape },
): Omit<Plan<never>, 'description'> {
  return {
    inputs: [...options.targets],
    bounds: targetBounds(tables, options),
    series,
    rows: tables.reduce((sum, table) => sum + rowCount(table), 0),
    gap,
    pieces: false,
    unvalidated: series.filter(({ validation }) => validation.to === validation.from).length,
    shapes: [shape],
  };
}
