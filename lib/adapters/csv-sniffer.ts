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
  readonly answer?: string;
  readonly failure?: string;
}

/** Where the rows of a table are, and how they are written. */
export interface SniffedLayout {
  readonly delimiter: string;
  /** The first line that can be a row, from 1. */
  readonly firstRow: number;
  /** What a line that is a comment begins with, if there are any. */
  readonly comment?: string | undefined;
}

/** No extension is looked for, so that nothing is loaded over the network whatever the file is called. */
const OPTIONS = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false', threads: '1' };

/** Files with more bytes are not asked about for a second opinion: it would take as long as to read them. */
const MOST_BYTES = 2 ** 24;

/**
 * Asks the sniffer of DuckDB, which reads all of a CSV file in UTF-8, what separates its fields. Undefined if the
 * package `@duckdb/node-api` is not installed, and for files that it would read in another way: packed ones, and those
 * whose names it takes for patterns.
 */
export function sniffDelimiter(path: string): Promise<Sniffed | undefined> {
  return ask(path, 'SELECT Delimiter AS answer FROM sniff_csv($1, sample_size = -1)');
}

/**
 * Asks it for the type of each column, such as `BIGINT` and `TIMESTAMP`, of all rows. Undefined as above, for large
 * files and if it fails: it gives a second opinion, without which every file is read the same.
 */
export async function sniffTypes(path: string, layout: SniffedLayout): Promise<string[] | undefined> {
  const { delimiter, firstRow, comment } = layout;
  const options = [
    'sample_size = -1',
    'header = false',
    `skip = ${firstRow - 1}`,
    `quote = '"'`,
    `delim = ${quoted(delimiter)}`,
    ...(comment === undefined ? [] : [`comment = ${quoted(comment)}`]),
  ];
  const sql = `SELECT array_to_string([c.type FOR c IN Columns], '|') AS answer FROM sniff_csv($1, ${options.join(', ')})`;
  return (await ask(path, sql, MOST_BYTES))?.answer?.split('|');
}

async function ask(path: string, sql: string, mostBytes = Number.POSITIVE_INFINITY): Promise<Sniffed | undefined> {
  if (/[*?[\]{}]/.test(path)) return undefined;
  try {
    if (!(await isPlain(path, mostBytes))) return undefined;
    const duckdb = load();
    if (!duckdb) return undefined;
    const instance = await duckdb.DuckDBInstance.create(':memory:', OPTIONS);
    try {
      return { answer: await answerOf(await instance.connect(), sql, resolve(path)) };
    } finally {
      instance.closeSync();
    }
  } catch (cause) {
    const why = types.isNativeError(cause) ? cause.message : String(cause);
    return { failure: why.split('\n')[0]! };
  }
}

async function answerOf(connection: DuckDbConnection, sql: string, path: string): Promise<string> {
  try {
    const [row] = (await connection.runAndReadAll(sql, [path])).getRowObjects();
    return String(row?.['answer']);
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

/** True for a file that is not packed and not larger. */
async function isPlain(path: string, mostBytes: number): Promise<boolean> {
  const file = await open(path);
  try {
    if ((await file.stat()).size > mostBytes) return false;
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return !(bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b);
  } finally {
    await file.close();
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
