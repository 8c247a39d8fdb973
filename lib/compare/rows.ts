import { describe, GatecastError } from '../base/errors.ts';
import { rowCount, sliceRows, type Table } from '../data/table.ts';

/** The rows of a comparison: those to learn from and validate on, and the first test row of each series. */
export interface Rows {
  readonly known: ReadonlyMap<string, Table>;
  readonly from: ReadonlyMap<string, number>;
}

const TEST_SHARE = 0.15;

/**
 * Keeps the last rows of each series for the test, `test` of them or 15 %. A series too short for a forecast in its
 * test rows is only learned from. Throws `invalid-data` if that leaves none, and for a target that never changes.
 */
export function splitRows(
  tables: ReadonlyMap<string, Table>,
  horizon: number,
  targets: readonly string[],
  test: number | undefined,
): Rows {
  const from = new Map<string, number>();
  const known = new Map<string, Table>();
  for (const [key, table] of tables) {
    const rows = rowCount(table);
    const tail = test ?? Math.floor(rows * TEST_SHARE);
    const tested = tail >= (test === undefined ? 2 * horizon : horizon) && tail < rows;
    if (tested) from.set(key, rows - tail);
    known.set(key, tested ? sliceRows(table, 0, rows - tail) : table);
  }
  if (from.size === 0) {
    const most = Math.max(0, ...[...tables.values()].map(rowCount));
    const message = `Expected enough rows to learn from and to test forecasts of ${horizon} steps on but found ${most}.`;
    throw new GatecastError('invalid-data', message);
  }
  for (const target of targets) checkMoves([...known], target);
  return { known, from };
}

function checkMoves(tables: readonly (readonly [string, Table])[], target: string): void {
  const columns = tables.flatMap(([, { names, columns }]) => columns[names.indexOf(target)] ?? []);
  if (columns.length === 0) return; // training says which columns there are
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const column of columns) {
    for (const value of column) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low < high) return;
  const found = low > high ? 'no value' : `only the value ${low}`;
  throw new GatecastError('invalid-data', `Expected values of ${describe(target)} that change but found ${found}.`);
}
