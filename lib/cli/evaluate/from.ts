import { InvalidArgumentError } from 'commander';
import { rowCount } from '../../data/table.ts';
import type { Tables } from '../input.ts';

/** Where forecasts begin: at a row of each series, or at a time [ms since 1970]. */
export type From = { row: number } | { time: number };

const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;
const OFFSET = /Z$|[+-]\d\d:\d\d$/;

/** Parses a number of rows, or a time in ISO 8601, which is UTC without an offset. */
export function parseFrom(text: string): From {
  if (/^\d{1,15}$/.test(text)) return { row: Number(text) };
  const local = text.includes(':') && !OFFSET.test(text);
  const time = ISO.test(text) ? Date.parse(local ? `${text.replace(' ', 'T')}Z` : text.replace(' ', 'T')) : Number.NaN;
  if (Number.isFinite(time)) return { time };
  throw new InvalidArgumentError('Expected a row, or a time such as 2026-01-31 or 2026-01-31T06:00+01:00.');
}

/** The first row of each series that is forecast; a series without such a row is left out. */
export function firstRows(tables: Tables, from: From | undefined): Map<string, number> {
  const firsts = [...tables].map(([key, table]): [string, number] => {
    if (from === undefined) return [key, 0];
    if ('row' in from) return [key, from.row];
    return [key, table.at?.findIndex((at) => at >= from.time) ?? -1];
  });
  return new Map(firsts.filter(([key, row]) => row >= 0 && row < rowCount(tables.get(key)!)));
}
