import type { KeyedTable } from '../data/series.ts';
import { joinTables, sliceRows } from '../data/table.ts';
import type { Skipped } from '../model/skipped.ts';

/** A row of a lane's table: a row of its series. */
export const ROW = 0;
/** A row of its series that comes after a silence: the lane starts anew with it. */
export const ANEW = 1;
/** A step without a row, which the lane takes with all values missing. */
export const EMPTY = 2;
/** A step of a silence, which the lane does not take: the rows beyond it do not follow those before it. */
export const SILENT = 3;

/** Where the rows of a lane's table come from. */
export interface Steps {
  readonly kinds: Uint8Array;
  /** The row of the series at each step; -1 for a step without a row. */
  readonly rows: Float64Array;
  /** The rows of the series that were left out before each step. */
  readonly skipped: readonly Skipped[];
}

/** Rows of a series on the way through a lane. Without `steps`, each is the next row of the series. */
export interface LaneTable {
  readonly table: KeyedTable;
  readonly steps?: Steps | undefined;
}

/** The rows of one table, then those of the other. */
export function joinRows(one: LaneTable, other: LaneTable): LaneTable {
  const table = { ...joinTables([one.table, other.table]), key: other.table.key };
  if (!one.steps || !other.steps) return { table };
  const count = one.steps.rows.length;
  const kinds = new Uint8Array(count + other.steps.rows.length);
  const rows = new Float64Array(kinds.length);
  kinds.set(one.steps.kinds);
  kinds.set(other.steps.kinds, count);
  rows.set(one.steps.rows);
  rows.set(other.steps.rows, count);
  return { table, steps: { kinds, rows, skipped: [...one.steps.skipped, ...other.steps.skipped] } };
}

/** A copy of rows `from` (inclusive) to `to` (exclusive), so that the table itself can be released. */
export function copyRows({ table, steps }: LaneTable, from: number, to: number): LaneTable {
  const { columns, at, ...others } = sliceRows(table, from, to);
  const copy = {
    ...others,
    key: table.key,
    columns: columns.map((column) => column.slice()),
    ...(at && { at: at.slice() }),
  };
  if (!steps) return { table: copy };
  const kinds = steps.kinds.slice(from, to);
  return { table: copy, steps: { kinds, rows: steps.rows.slice(from, to), skipped: steps.skipped.slice(from, to) } };
}
