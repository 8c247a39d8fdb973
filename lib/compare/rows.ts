import { describe, GatecastError } from '../base/errors.ts';
import { type Data, seriesOf } from '../data/series.ts';
import { rowCount, sliceRows, type Table } from '../data/table.ts';

/** The rows of a comparison: those to learn from and validate on, and the first test row of each series. */
export interface Rows {
  readonly known: Data;
  readonly from: ReadonlyMap<string, number>;
}

const TEST_SHARE = 0.15;

/**
 * Keeps the last rows of each series for the test, `test` of them or 15 %. A series too short for a forecast in its
 * test rows is only learned from. Throws `invalid-data` if that leaves none, and for a target of words or one that
 * never changes.
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
  for (const target of targets) checkMoves([...known.values()], target);
  return { known: (known.size === 1 && known.get('')) || seriesOf(known), from };
}

/** Throws `invalid-data` for a target of words, and for one that never changes. */
function checkMoves(tables: readonly Table[], target: string): void {
  if (tables.some(({ names, words }) => words?.[names.indexOf(target)] !== undefined)) {
    const message = `Expected numbers to forecast in ${describe(target)} but it holds words; only numbers are compared.`;
    throw new GatecastError('invalid-data', message);
  }
  const still = stillness(tables, target);
  if (still !== undefined) throw new GatecastError('invalid-data', still);
}

/**
 * In a sentence, that a column of numbers never changes; undefined if it does, if there is no such column, and for one
 * value, which cannot.
 */
export function stillness(tables: readonly Table[], name: string): string | undefined {
  const found = tables.flatMap(({ names, columns, words }) => {
    const place = names.indexOf(name);
    return place < 0 || words?.[place] ? [] : [columns[place]!];
  });
  if (found.length === 0) return undefined;
  let [low, high, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const column of found) {
    for (const value of column) {
      if (!Number.isNaN(value)) count += 1;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low < high || count === 1) return undefined;
  const only = low > high ? 'no value' : `only the value ${low}`;
  return `Expected values of ${describe(name)} that change but found ${only}.`;
}
