import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { types } from 'node:util';

/** The part of `@duckdb/node-api` that is used. */
interface DuckDb {
  DuckDBInstance: {
    create(path: string, options: Readonly<Record<string, string>>): Promise<DuckDbInstance>;
  };
}

interface DuckDbInstance {
  connect(): Promise<DuckDbConnection>;
  closeSync(): void;
}

interface DuckDbConnection {
  runAndReadAll(sql: string, values: readonly string[]): Promise<{ getRowObjects(): Record<string, unknown>[] }>;
  closeSync(): void;
}

/** What the sniffer said, or why it failed. */
export interface Sniffed {
  readonly delimiter?: string;
  readonly failure?: string;
}

/** No extension is looked for, so that nothing is loaded over the network whatever the file is called. */
const OPTIONS = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false', threads: '1' };

/**
 * Asks the sniffer of DuckDB, which reads all of a CSV file in UTF-8, what separates its fields. Undefined if the
 * package `@duckdb/node-api` is not installed, and for files that it would read in another way: packed ones, and those
 * whose names it takes for patterns.
 */
export async function sniffDelimiter(path: string): Promise<Sniffed | undefined> {
  const duckdb = load();
  if (!duckdb || /[*?[\]{}]/.test(path)) return undefined;
  try {
    if (await isGzip(path)) return undefined;
    const instance = await duckdb.DuckDBInstance.create(':memory:', OPTIONS);
    try {
      return await sniff(await instance.connect(), resolve(path));
    } finally {
      instance.closeSync();
    }
  } catch (cause) {
    const why = types.isNativeError(cause) ? cause.message : String(cause);
    return { failure: why.split('\n')[0]! };
  }
}

async function sniff(connection: DuckDbConnection, path: string): Promise<Sniffed> {
  try {
    const sql = 'SELECT Delimiter FROM sniff_csv($1, sample_size = -1)';
    const [row] = (await connection.runAndReadAll(sql, [path])).getRowObjects();
    return { delimiter: String(row?.['Delimiter']) };
  } finally {
    connection.closeSync();
  }
}

/** Loads the package on first need; undefined if it is not installed. */
function load(): DuckDb | undefined {
  try {
    return createRequire(import.meta.url)('@duckdb/node-api') as DuckDb;
  } catch {
    return undefined;
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
