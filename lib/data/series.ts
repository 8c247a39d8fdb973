import { types } from 'node:util';
import { describe, expected, GatecastError } from '../base/errors.ts';
import { isArray, isRecord, reading } from '../base/values.ts';
import { checkTable, enumerate, joinTables, type Table } from './table.ts';

/** Rows of the series `key`. They follow the rows that came before for this key. */
export interface KeyedTable extends Table {
  key: string;
}

/**
 * Any number of series, read in chunks: each chunk holds the next rows of one series, in time order. Chunks of
 * different series come in any order, and all have the same columns. Each iteration begins with the first rows.
 */
export type Series = AsyncIterable<KeyedTable>;

/** What is read where no series has a name: a table is one series with the key ''. */
export type Data = Table | Series;

/**
 * Tables by key as series, as `readCsv` gives them with `by`; a single table is a series with the key ''. Throws
 * `invalid-data` for what is no table.
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

/** Whether data is series; a table otherwise, which is checked. Throws `invalid-data` for neither. */
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
 * The chunks of series, checked. Throws `invalid-data` for a chunk without a key, for one that is no table, and for one
 * with other columns than the first.
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

/** Each series whole, by key, in the order of their first rows. Holds all of them in memory. */
export async function gather(series: Series): Promise<Map<string, Table>> {
  const chunks = new Map<string, Table[]>();
  for await (const { key, ...table } of chunksOf(series)) {
    const held = chunks.get(key);
    if (held) held.push(table);
    else chunks.set(key, [table]);
  }
  return new Map([...chunks].map(([key, tables]) => [key, joinTables(tables)]));
}

/** What errors call a series. */
export function nameOf(key: string): string {
  return key === '' ? 'the table' : `the series ${describe(key)}`;
}

function isMap(value: unknown): value is ReadonlyMap<string, Table> {
  return types.isMap(value);
}
