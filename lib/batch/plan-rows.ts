import type { Table } from '../data/table.ts';

/**
 * How many rows come before those at the end of a table in which no target has a value. If columns are known ahead,
 * these hold their plan; 0 if no target has any value.
 */
export function rowsBeforePlan({ names, columns }: Pick<Table, 'names' | 'columns'>, targets: readonly string[]): number {
  const own = targets.map((target) => columns[names.indexOf(target)]!);
  let rows = own[0]!.length;
  while (rows > 0 && !own.some((column) => Number.isFinite(column[rows - 1]))) rows -= 1;
  return rows;
}
