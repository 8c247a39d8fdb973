import { describe, expected, GatecastError } from '../base/errors.ts';
import { isRecord } from '../base/values.ts';
import type { Row } from '../data/runs.ts';
import type { KeyedTable } from '../data/series.ts';
import { SeriesBuilder } from '../data/series-builder.ts';
import type { Role } from '../data/table.ts';
import { EpochReader } from '../reading/epoch.ts';
import { JsonReader, type JsonReaderOptions, type JsonSample, numberOf } from './json-lines.ts';
import { rolesOf, SETTLED_AFTER } from './settled.ts';
import { inputName, type TextInput } from './text-input.ts';
import { DEFAULT_LINE_BYTES, textLines } from './text-lines.ts';

type Note = (sentence: string) => void;

interface KeyedRow {
  key: string;
  row: Row;
}

interface TextReaderOptions {
  note?: Note;
  maxLineBytes?: number;
  encoding?: string;
}

interface ChunkOptions extends TextReaderOptions {
  time?: string;
  by?: string;
  roles?: Readonly<Record<string, Role>>;
}

export function createReader({ time, note }: Pick<JsonReaderOptions, 'time' | 'note'>): JsonReader {
  return new JsonReader({
    epoch: new EpochReader('ms', { note }),
    ...(time !== undefined && { time }),
    ...(note && { note }),
  });
}

/**
 * Yields the rows with their key, the value of the field `key` or '' without it, as a list for each chunk that was
 * read.
 */
export async function* readRows(
  input: TextInput,
  key: string | undefined,
  reader: JsonReader,
  { maxLineBytes = DEFAULT_LINE_BYTES, encoding, note }: TextReaderOptions = {},
): AsyncGenerator<KeyedRow[]> {
  const name = inputName(input);
  for await (const lines of textLines(input, { what: 'NDJSON', maxLineBytes, encoding, note })) {
    const rows: KeyedRow[] = [];
    for (const { number, text } of lines) {
      if (text.trim() === '') continue;
      const where = `line ${number} of ${name}`;
      const sample = asData(() => reader.read(text, where));
      if (!isRecord(sample.values)) {
        throw new GatecastError('invalid-data', expected('an object', where, sample.values));
      }
      const value = key === undefined ? '' : (sample.fields[key] ?? (sample.values as Fields)[key]);
      rows.push({ key: keyOf(value, key, where), row: toRow(sample, key) });
    }
    yield rows;
  }
}

/** Yields the rows as chunks of series. */
export async function* readChunks(input: TextInput, options: ChunkOptions): AsyncGenerator<KeyedTable> {
  const name = inputName(input);
  const reader = createReader(options);
  let first: KeyedRow[] = [];
  let columns: NumberColumns | undefined;
  const settle = () => {
    columns = new NumberColumns(name, first, reader.time, options);
    for (const each of first) columns.add(each);
    first = [];
    return columns;
  };
  for await (const rows of readRows(input, options.by, reader, options)) {
    for (const each of rows) {
      if (columns) columns.add(each);
      else if (first.push(each) === SETTLED_AFTER) settle();
    }
    if (columns) yield* columns.take();
  }
  yield* (columns ?? settle()).take();
}

/** The columns: the fields that held numbers in the first rows. */
class NumberColumns {
  readonly #names: readonly string[];
  readonly #builder: SeriesBuilder;
  readonly #note: Note | undefined;
  /** Names that are not columns, or are columns already. */
  readonly #known: Set<string>;

  constructor(source: string, first: readonly KeyedRow[], time: string | null, { roles, note }: ChunkOptions) {
    if (first.length === 0) throw noLines(source);
    this.#known = new Set(first.flatMap(({ row }) => Object.keys(row)));
    this.#names = [...this.#known].filter((field) => field !== 'at' && field !== time);
    if (this.#names.length === 0) {
      throw new GatecastError('invalid-data', `Expected at least one field of numbers in ${source} but found none.`);
    }
    const timed = this.#known.has('at');
    this.#builder = new SeriesBuilder({ names: this.#names, timed, ...rolesOf(this.#names, roles, source) });
    this.#note = note;
  }

  add({ key, row }: KeyedRow): void {
    for (const field in row) {
      if (this.#known.has(field)) continue;
      this.#known.add(field);
      this.#note?.(`The field ${describe(field)} is left out: the first ${SETTLED_AFTER} lines lack it.`);
    }
    const values = this.#names.map((field) => row[field] ?? Number.NaN);
    this.#builder.add(key, values, row['at'] ?? Number.NaN);
  }

  take(): KeyedTable[] {
    return this.#builder.take();
  }
}

export function noLines(source: string): GatecastError {
  return new GatecastError('invalid-data', `Expected lines of JSON in ${source} but found none.`);
}

type Fields = Readonly<Record<string, unknown>>;

function asData<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof GatecastError)) throw cause;
    throw new GatecastError('invalid-data', cause.message, { cause });
  }
}

/** The numbers of a line, in `values` and beside it. */
function toRow({ at, values, fields }: JsonSample, key: string | undefined): Row {
  const entries = Object.entries({ ...fields, ...(values as Fields) }).flatMap(
    ([name, value]): [string, number | null][] => {
      const number = name === key || name === 'at' ? undefined : numberOf(value);
      return number === undefined ? [] : [[name, number]];
    },
  );
  if (at !== undefined) entries.unshift(['at', at]);
  return Object.fromEntries(entries);
}

function keyOf(value: unknown, key: string | undefined, where: string): string {
  if (typeof value === 'number' || typeof value === 'string') return String(value);
  throw new GatecastError('invalid-data', expected('a number or text', `${key} in ${where}`, value));
}
