import { types } from 'node:util';
import { describe, expected, GatecastError } from '../base/errors.ts';
import { isArray, isRecord, reading } from '../base/values.ts';
import { checkTable, enumerate, joinTables, type Table } from './table.ts';

/** Rows of the series `key`. They follow the earlier rows of this key. */
export interface KeyedTable extends Table {
  key: string;
}

/**
 * Any number of series, read in chunks. Each chunk holds the next rows of one series, in time order. Chunks of
 * different series come in any order; all have the same columns. Each iteration starts again with the first rows.
 */
export type Series = AsyncIterable<KeyedTable>;

/** Data for batches and training. A table is one series with the key ''. */
export type Data = Table | Series;

/**
 * Makes series from tables by key, as `readCsv` returns them with `by`. A single table becomes a series with the key
 * ''. Throws `invalid-data` for a value that is not a table.
 */
export function seriesOf(tables: Table | ReadonlyMap<string, Table>): Series {
  const keyed = reading('tables', () => (isMap(tables) ? [...tables] : [['', tables] as const]));
  const chunks = keyed.map(([key, table]) => {
    checkTable(table, nameOf(key));
    return { ...table, key };
  });
  return {
    async *[Symbol.asyncIterator]() {
      yield* chunks;
    },
  };
}

/** True for series, false for a valid table. Throws `invalid-data` for anything else. */
export function isSeries(data: unknown): data is Series {
  const given = reading('the data', () =>
    isRecord(data) ? typeof (data as Partial<Series>)[Symbol.asyncIterator] : '',
  );
  if (given === 'function') return true;
  if (isArray(data) || isMap(data)) {
    const hint = ' Did you mean seriesOf(new Map([[key, table]]))?';
    throw new GatecastError('invalid-data', expected('a table or series', 'the data', data) + hint);
  }
  checkTable(data);
  return false;
}

/**
 * The checked chunks of series. Throws `invalid-data` for a chunk without a key, one that is not a table, and one with
 * other columns than the first.
 */
export async function* chunksOf(series: Series): AsyncGenerator<KeyedTable> {
  let names: readonly string[] | undefined;
  for await (const chunk of series) {
    const key: unknown = reading('a chunk of the series', () => (isRecord(chunk) ? chunk.key : undefined));
    if (typeof key !== 'string') {
      throw new GatecastError('invalid-data', expected('text', 'the key of a chunk of the series', key));
    }
    checkTable(chunk, nameOf(key));
    names ??= [...chunk.names];
    if (chunk.names.length !== names.length || names.some((name, i) => chunk.names[i] !== name)) {
      const what = `the columns ${enumerate(names)}, which came first,`;
      throw new GatecastError('invalid-data', expected(what, nameOf(key), enumerate(chunk.names)));
    }
    yield chunk;
  }
}

/** All rows of each series, by key, in the order of the series' first rows. Holds all of them in memory. */
export async function gather(series: Series): Promise<Map<string, Table>> {
  const chunks = new Map<string, Table[]>();
  for await (const { key, ...table } of chunksOf(series)) {
    const held = chunks.get(key);
    if (held) held.push(table);
    else chunks.set(key, [table]);
  }
  return new Map([...chunks].map(([key, tables]) => [key, joinTables(tables)]));
}

/** The name of a series in errors. */
export function nameOf(key: string): string {
  return key === '' ? 'the table' : `the series ${describe(key)}`;
}

function isMap(value: unknown): value is ReadonlyMap<string, Table> {
  return types.isMap(value);
}
