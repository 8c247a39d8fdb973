import { rowCount, selectColumns, type Table } from '../data/table.ts';
import type { ModelDescription } from '../model/model.ts';

/** Most columns that are named. */
const SHOWN = 5;

/** What happens to rows with missing values when a model with this description takes or learns a table. */
export function fateOf({ gap }: Pick<ModelDescription, 'gap'>): string {
  if (gap === undefined) return 'are left out';
  const policies =
    typeof gap === 'string'
      ? gap
      : Object.entries(gap)
          .map(([name, policy]) => `${name}: ${policy}`)
          .join(', ');
  return `are filled in (${policies || 'hold'})`;
}

/**
 * A sentence on what happens to the rows of a table with a missing value in these columns; undefined if there are no
 * such rows.
 */
export function missingRows(table: Table, names: readonly string[], fate: string): string | undefined {
  const { columns: all, words } = selectColumns(table, names);
  const columns = all.filter((_, i) => words?.[i] === undefined); // a missing word leaves no row out
  const rows = rowCount(table);
  const missing = columns.map((column) => column.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0));
  if (missing.every((count) => count === 0)) return undefined;
  let incomplete = 0;
  for (let row = 0; row < rows; row++) if (!columns.every((column) => Number.isFinite(column[row]))) incomplete++;
  const holed = names
    .filter((_, i) => words?.[i] === undefined)
    .flatMap((name, i) => (missing[i]! > 0 ? [`${name} (${missing[i]})`] : []));
  const shown = holed.length > SHOWN ? [...holed.slice(0, SHOWN), '...'] : holed;
  return `${incomplete} of ${rows} rows ${fate} because values are missing: ${shown.join(', ')}`;
}
