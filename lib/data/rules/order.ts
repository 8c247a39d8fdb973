import { GatecastError } from '../../base/errors.ts';
import type { Table } from '../table.ts';
import type { OrderRule } from './rules-options.ts';

/** A table in time order, and what was done for that. */
export interface Sorted {
  readonly table: Table;
  /** Rows without a time, which are left out of a series that has times. */
  readonly untimed: number;
  /** Rows that came after a later one; 0 if all rows were in reverse order. */
  readonly moved: number;
  /** True if each row was earlier than the one before it, or as early. */
  readonly newestFirst: boolean;
}

/**
 * Puts the rows of a table in time order. Rows of the same time stay in the order in which they were written: that of
 * the table, or its reverse if it is newest first. Throws `invalid-data` for rows out of order if the rule is to refuse
 * them. A table in order is returned as it is.
 */
export function sortRows(table: Table, rule: OrderRule, name = 'the table'): Sorted {
  const { at } = table;
  if (!at) return { table, untimed: 0, moved: 0, newestFirst: false };
  const rows = new Uint32Array(at.length);
  let timed = 0;
  let moved = 0;
  let firstMoved = 0;
  let ascents = 0;
  let latest = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < at.length; row++) {
    const time = at[row]!;
    if (Number.isNaN(time)) continue;
    if (timed > 0 && time > at[rows[timed - 1]!]!) ascents++;
    rows[timed++] = row;
    if (time < latest && moved++ === 0) firstMoved = row;
    if (time > latest) latest = time;
  }
  const order = rows.subarray(0, timed);
  const untimed = at.length - timed;
  const newestFirst = moved > 0 && ascents === 0;
  if (moved > 0) {
    if (rule === 'refuse') throw refusal(name, firstMoved, moved, timed, newestFirst);
    if (newestFirst) order.reverse();
    else order.sort((a, b) => at[a]! - at[b]! || a - b);
  }
  const same = moved === 0 && untimed === 0;
  return { table: same ? table : pickRows(table, order), untimed, moved: newestFirst ? 0 : moved, newestFirst };
}

/** These rows of a table, in this order. */
function pickRows(table: Table, rows: Uint32Array): Table {
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row]!);
  return { ...table, columns: table.columns.map(pick), ...(table.at && { at: pick(table.at) }) };
}

function refusal(name: string, row: number, moved: number, rows: number, newestFirst: boolean): GatecastError {
  const how = newestFirst ? 'all rows are newest first' : `${moved} of ${rows} rows come after a later one`;
  return new GatecastError(
    'invalid-data',
    `Expected rows in time order in ${name} but row ${row + 1} is the first that goes back: ${how}. ` +
      `The order 'sort' puts them in order.`,
  );
}
