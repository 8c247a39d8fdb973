import { Readable } from 'node:stream';
import { expect } from 'vitest';
import { type ReadCsvOptions, readCsv } from '../../lib/adapters/csv.ts';
import type { Table } from '../../lib/data/table.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** The time of the first row of a table made by `rows`. */
export const START = Date.UTC(2024, 0, 20);

/** The value of a row, to two digits. */
export const value = (i: number) => Number((20 + 5 * Math.sin(i / 9)).toFixed(2));
export const values = (count: number) => Array.from({ length: count }, (_, i) => value(i));
/** `2024-01-20T00:05:00.000Z` for the fifth row of minutes. */
export const iso = (i: number, step = MINUTE) => new Date(START + i * step).toISOString();
export const times = (count: number, step = MINUTE) => Array.from({ length: count }, (_, i) => START + i * step);

/** Lines with an end each. */
export const rows = (count: number, row: (i: number) => string, end = '\n') =>
  Array.from({ length: count }, (_, i) => row(i) + end).join('');

export const source = (text: string | Uint8Array) => Readable.from([Buffer.from(text as string)]);

/** One table, its columns by name as lists, and what was said. */
export async function read(text: string | Uint8Array, options: Omit<ReadCsvOptions, 'by' | 'note'> = {}) {
  const notes: string[] = [];
  const table = await readCsv(source(text), { ...options, note: (sentence) => notes.push(sentence) });
  return { ...plain(table), notes };
}

/** The tables of a file by key. */
export async function readBy(text: string, by: string | string[], options: Omit<ReadCsvOptions, 'by'> = {}) {
  const tables = await readCsv(source(text), { ...options, by });
  return Object.fromEntries([...tables].map(([key, table]) => [key, plain(table)]));
}

/** The sentence of a refusal. */
export async function refusal(text: string | Uint8Array, options: ReadCsvOptions = {}): Promise<string> {
  const error = await readCsv(source(text), options).then(
    () => expect.fail('it was read'),
    (reason: Error & { code?: string }) => reason,
  );
  expect(error).toMatchObject({ name: 'GatecastError', code: 'invalid-data' });
  return error.message;
}

function plain({ names, columns, at, units }: Table) {
  const by = <T>(list: readonly T[] | undefined) => Object.fromEntries(names.map((name, i) => [name, list?.[i]]));
  return { at: at && [...at], columns: by(columns.map((column) => [...column])), units: by(units) };
}
