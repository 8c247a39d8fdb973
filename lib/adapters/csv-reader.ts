import { describe, expected, GatecastError } from '../base/errors.ts';
import type { KeyedTable } from '../data/series.ts';
import { SeriesBuilder } from '../data/series-builder.ts';
import type { Role } from '../data/table.ts';
import { EpochReader } from '../reading/epoch.ts';
import { isMissing } from '../reading/missing.ts';
import { findColumn } from '../reading/names.ts';
import { guessTimeColumn, parseHeader, parseNumber, parseTimeField } from './csv-fields.ts';
import { type CsvDialect, type CsvRecord, csvRecords } from './csv-records.ts';
import { rolesOf, SETTLED_AFTER } from './settled.ts';
import { inputName, type TextInput } from './text-lines.ts';

export interface CsvReaderOptions {
  /** Column with the time of each row; default the first that holds dates. */
  time?: string | undefined;
  /** Column with the key of the series of each row. */
  key?: string | undefined;
  roles?: Readonly<Record<string, Role>> | undefined;
  note?: ((sentence: string) => void) | undefined;
  /** True if the caller leaves out columns without a number at the end. */
  whole?: boolean;
  maxLineBytes: number;
}

/** Most left-out columns that are named one by one. */
const MAX_NOTES = 10;

/**
 * Reads the rows of a CSV file, in chunks of whole records. Columns with text within the first rows are left out. In a
 * column that was empty until then, later text is a missing value. Returns the names of the columns that held numbers.
 * Throws `invalid-data`, naming the line, or `io`.
 */
export async function* readTables(input: TextInput, options: CsvReaderOptions): AsyncGenerator<KeyedTable, string[]> {
  const name = inputName(input);
  let reader: CsvReader | undefined;
  let header: string[] | undefined;
  for await (const { dialect, records } of csvRecords(input, options.maxLineBytes)) {
    for (const record of records) {
      if (!header) header = parseHeader(record, dialect, name);
      else {
        reader ??= new CsvReader(name, header, record.fields, dialect, options);
        reader.add(record);
      }
    }
    if (reader?.settled) yield* reader.take();
  }
  if (!header) throw new GatecastError('invalid-data', `Expected a header line in ${name} but it is empty.`);
  if (!reader) throw new GatecastError('invalid-data', `Expected rows below the header of ${name} but found none.`);
  yield* reader.take();
  return reader.finish();
}

interface Row {
  key: string;
  values: number[];
  at: number;
}

class CsvReader {
  readonly #file: string;
  readonly #names: readonly string[];
  readonly #dialect: CsvDialect;
  readonly #options: CsvReaderOptions;
  readonly #timeColumn: number;
  readonly #keyColumn: number;
  readonly #epoch = new EpochReader('s');
  /** The type of each column's first value, which decides for all its rows. */
  readonly #kinds: ('number' | 'text' | undefined)[];
  /** The indices of the columns whose values are read. */
  #read: number[];
  /** The first rows, held until it is known which columns stay. */
  #first: Row[] = [];
  #builder: SeriesBuilder | undefined;

  constructor(
    file: string,
    names: readonly string[],
    first: readonly string[],
    dialect: CsvDialect,
    options: CsvReaderOptions,
  ) {
    const { time, key, roles = {} } = options;
    this.#file = file;
    this.#names = names;
    this.#dialect = dialect;
    this.#options = options;
    this.#timeColumn = time === undefined ? guessTimeColumn(names, first, dialect) : findColumn(names, time, file);
    this.#keyColumn = key === undefined ? -1 : findColumn(names, key, file);
    for (const column of Object.keys(roles)) findColumn(names, column, file);
    this.#kinds = names.map(() => undefined);
    this.#read = [...names.keys()].filter((index) => index !== this.#keyColumn && index !== this.#timeColumn);
  }

  get settled(): boolean {
    return this.#builder !== undefined;
  }

  add({ line, fields }: CsvRecord): void {
    const key = this.#keyColumn < 0 ? '' : fields[this.#keyColumn]!;
    const where = () => this.#where(this.#timeColumn, line);
    const at =
      this.#timeColumn < 0 ? NaN : parseTimeField(fields[this.#timeColumn]!, this.#dialect, this.#epoch, where);
    const values = this.#read.map((index) => this.#value(index, fields[index]!, line));
    if (this.#builder) {
      this.#builder.add(key, values, at);
    } else {
      this.#first.push({ key, values, at });
      if (this.#first.length >= SETTLED_AFTER) this.#settle();
    }
  }

  /** Returns the rows since the last call. */
  take(): KeyedTable[] {
    return (this.#builder ?? this.#settle()).take();
  }

  /** Notes the columns that were left out. Returns the names of the columns that held numbers. */
  finish(): string[] {
    const { note = () => {}, whole = false } = this.#options;
    const sentences = this.#names.flatMap((name, index) => {
      const kind = this.#kinds[index];
      if (kind === 'number' || index === this.#timeColumn || index === this.#keyColumn) return [];
      if (kind && !whole && this.#read.includes(index))
        return [`Column ${describe(name)} holds text, which is read as missing values.`];
      return [`Column ${describe(name)} is left out: it ${kind ? 'holds text' : 'is empty'}.`];
    });
    for (const sentence of sentences.slice(0, MAX_NOTES)) note(sentence);
    if (sentences.length > MAX_NOTES) note(`${sentences.length - MAX_NOTES} more columns are left out.`);
    const found = this.#names.filter((_, index) => this.#kinds[index] === 'number');
    if (found.length > 0) return found;
    throw this.#noNumbers();
  }

  #settle(): SeriesBuilder {
    const kept = this.#read.flatMap((index, place) => (this.#kinds[index] === 'text' ? [] : [place]));
    this.#read = kept.map((place) => this.#read[place]!);
    if (kept.length === 0) throw this.#noNumbers();
    const names = this.#read.map((index) => this.#names[index]!);
    const builder = new SeriesBuilder({
      names,
      timed: this.#timeColumn >= 0,
      ...rolesOf(names, this.#options.roles, this.#file),
    });
    for (const { key, values, at } of this.#first) {
      builder.add(
        key,
        kept.map((place) => values[place]!),
        at,
      );
    }
    this.#first = [];
    this.#builder = builder;
    return builder;
  }

  #value(index: number, field: string, line: number): number {
    if (this.#kinds[index] === 'text') return Number.NaN;
    const value = parseNumber(field, this.#dialect);
    if (Number.isFinite(value)) {
      this.#kinds[index] ??= 'number';
      return value;
    }
    if (isMissing(field)) return Number.NaN;
    this.#kinds[index] ??= 'text';
    if (this.#kinds[index] === 'number') {
      throw new GatecastError('invalid-data', expected('a number', this.#where(index, line), field));
    }
    return Number.NaN;
  }

  #noNumbers(): GatecastError {
    return new GatecastError(
      'invalid-data',
      `Expected at least one column of numbers in ${this.#file} but found none.`,
    );
  }

  #where(index: number, line: number): string {
    return `${this.#names[index]} in line ${line} of ${this.#file}`;
  }
}
