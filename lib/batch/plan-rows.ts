import { sliceRows, type Table } from '../data/table.ts';
import { knownAhead } from '../model/ahead.ts';
import type { ModelDescription } from '../model/model.ts';

/**
 * How many rows come before those at the end of a table in which no target has a value. If columns are known ahead,
 * these hold their plan; 0 if no target has any value.
 */
export function rowsBeforePlan(
  { names, columns }: Pick<Table, 'names' | 'columns'>,
  targets: readonly string[],
): number {
  const own = targets.map((target) => columns[names.indexOf(target)]!);
  let rows = own[0]!.length;
  while (rows > 0 && !own.some((column) => Number.isFinite(column[rows - 1]))) rows -= 1;
  return rows;
}

/** A table without the plan at its end; all of it if the model reads no column ahead. */
export function beforePlan(table: Table, description: Pick<ModelDescription, 'inputs' | 'targets'>): Table {
  if (knownAhead(description).length === 0) return table;
  return sliceRows(table, 0, rowsBeforePlan(table, description.targets));
}

/** A sentence on plans that end before the horizon of a forecast after the last rows; undefined if none does. */
export function shortPlan(
  tables: readonly Table[],
  description: Pick<ModelDescription, 'inputs' | 'targets' | 'horizon' | 'interval'>,
): string | undefined {
  const { horizon, targets } = description;
  const short = knownAhead(description).filter((name) =>
    tables.some((table) => stepsKnown(table, name, description) < horizon),
  );
  if (short.length === 0) return undefined;
  const steps = `${horizon} steps after the last value of ${targets.join(', ')}`;
  return `${short.join(', ')} should be known for ${steps}: what is missing there is filled with the value before it`;
}

/** For how many steps after the last value of a target a column is known. With times, a step may have no row. */
function stepsKnown(
  table: Table,
  name: string,
  { horizon, targets, interval }: Pick<ModelDescription, 'targets' | 'horizon' | 'interval'>,
): number {
  const column = table.columns[table.names.indexOf(name)]!;
  const from = rowsBeforePlan(table, targets);
  const last = table.at?.[from - 1] ?? Number.NaN;
  const steps = new Set<number>();
  for (let row = from; row < column.length; row++) {
    if (!Number.isFinite(column[row])) continue;
    const later = interval === null ? Number.NaN : (table.at?.[row] ?? Number.NaN) - last;
    const step = Number.isNaN(later) ? row - from + 1 : Math.round(later / interval!);
    if (step >= 1 && step <= horizon) steps.add(step);
  }
  return steps.size;
}
