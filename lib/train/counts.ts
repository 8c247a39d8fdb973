import { expected, GatecastError } from '../base/errors.ts';
import { type KeyedTable, nameOf } from '../data/series.ts';
import { columnIndex } from '../data/table.ts';
import type { ResolvedOptions } from './options.ts';

/** Throws `invalid-data` for a target that is not a count in every row, naming the row. */
export function checkCounts(
  tables: readonly KeyedTable[],
  { targets, loss }: Pick<ResolvedOptions, 'targets' | 'loss'>,
): void {
  for (const { key, ...table } of tables) {
    for (const target of targets) {
      const column = table.columns[columnIndex(table, target)]!;
      const row = column.findIndex((value) => Number.isFinite(value) && !(Number.isInteger(value) && value >= 0));
      if (row < 0) continue;
      const what = `whole numbers from 0, with the loss '${loss}',`;
      const where = key === '' ? `row ${row + 1}` : `row ${row + 1} of ${nameOf(key)}`;
      throw new GatecastError('invalid-data', expected(what, `${target} in ${where}`, column[row]));
    }
  }
}
