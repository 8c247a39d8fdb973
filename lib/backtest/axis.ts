import { medianInterval, rowCount, type Table } from '../data/table.ts';

/** The steps that the rows of several series share. */
export interface Axis {
  /** How many steps there are. */
  readonly steps: number;
  /** The first row of a series that is not before a step; the number of its rows if there is none. */
  rowOf(table: Table, step: number): number;
}

/**
 * The axis of series. Several that have times share the time: a step is as long as the usual time between rows, from
 * the earliest row on, so that nothing is learned from a series that is later than what is forecast of another.
 * Otherwise, steps are rows.
 */
export function axisOf(tables: readonly Table[]): Axis {
  const intervals = tables.map(medianInterval).filter((interval) => interval !== null);
  const spans = tables.map(spanOf).filter((span) => span !== undefined);
  if (tables.length === 1 || intervals.length === 0 || spans.length < tables.length) {
    return { steps: Math.max(...tables.map(rowCount)), rowOf: (table, step) => Math.min(step, rowCount(table)) };
  }
  const interval = intervals.sort((a, b) => a - b)[intervals.length >> 1]!;
  const first = Math.min(...spans.map((span) => span.first));
  const last = Math.max(...spans.map((span) => span.last));
  return {
    steps: Math.floor((last - first) / interval) + 1,
    rowOf(table, step) {
      const row = table.at!.findIndex((time) => time >= first + step * interval);
      return row < 0 ? rowCount(table) : row;
    },
  };
}

/** The first and the last time of a table; undefined if it has none. */
function spanOf({ at }: Table): { first: number; last: number } | undefined {
  const first = at?.find(Number.isFinite);
  return first === undefined ? undefined : { first, last: at!.findLast(Number.isFinite)! };
}
