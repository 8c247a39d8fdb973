import { describe, expected, GatecastError } from '../base/errors.ts';
import type { KeyedTable } from '../data/series.ts';
import { SeriesBuilder } from '../data/series-builder.ts';
import type { Role } from '../data/table.ts';
import { findColumn, guessTimeColumn, isMissing, parseNumber, parseTimeField } from './csv-fields.ts';
import { CsvFile } from './csv-file.ts';
import { type CsvDialect, type CsvRecord, dialectOf } from './csv-records.ts';
import { EpochReader } from './epoch.ts';
import { rolesOf, SETTLED_AFTER } from './settled.ts';
import type { TextInput } from './text-input.ts';

export interface CsvReaderOptions {
  /** Column with the time of each row; default the first that holds dates. */
  time?: string | undefined;
  /** Column with the key of the series of each row. */
  key?: string | undefined;
  roles?: Readonly<Record<string, Role>> | undefined;
  note?: ((sentence: string) => void) | undefined;
  /** True if the caller leaves out columns without a number at the end. */
  whole?: boolean;
  /** As `checkEncoding` names it; otherwise the text decides. */
  encoding?: string | undefined;
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
  const file = await CsvFile.open(input, options);
  try {
    let reader: CsvReader | undefined;
    for await (const records of file.records()) {
      if (records.length === 0) continue;
      if (!reader) for (const sentence of file.layout.notes) options.note?.(sentence);
      reader ??= new CsvReader(file, records[0]!.fields, options);
      for (const record of records) reader.add(record);
      if (reader.settled) yield* reader.take();
    }
    for (const sentence of file.notes) options.note?.(sentence);
    if (!reader)
      throw new GatecastError('invalid-data', `Expected rows below the header of ${file.name} but found none.`);
    yield* reader.take();
    return reader.finish();
  } finally {
    await file.close();
  }
}

interface Row {
  key: string;
  values: number[];
  at: number;
}

class CsvReader {
  readonly #file: string;
  readonly #names: readonly string[];
  readonly #units: readonly (string | undefined)[];
  readonly #dialect: CsvDialect;
  readonly #options: CsvReaderOptions;
  readonly #timeColumn: number;
  readonly #keyColumn: number;
  readonly #epoch = new EpochReader('s');
  readonly #keys = new Map<string, string>();
  /** The type of each column's first value, which decides for all its rows. */
  readonly #kinds: ('number' | 'text' | undefined)[];
  /** The indices of the columns whose values are read. */
  #read: number[];
  /** The first rows, held until it is known which columns stay. */
  #first: Row[] = [];
  #builder: SeriesBuilder | undefined;

  constructor(file: CsvFile, first: readonly string[], options: CsvReaderOptions) {
    const { time, key, roles = {} } = options;
    const { names, units, delimiter } = file.layout;
    this.#file = file.name;
    this.#names = names;
    this.#units = units;
    this.#dialect = dialectOf(delimiter);
    this.#options = options;
    const find = (name: string) => {
      file.checkIsOne(name);
      return findColumn(names, name, file.name);
    };
    this.#timeColumn = time === undefined ? guessTimeColumn(names, first, this.#dialect) : find(time);
    this.#keyColumn = key === undefined ? -1 : find(key);
    for (const column of Object.keys(roles)) find(column);
    this.#kinds = names.map(() => undefined);
    this.#read = [...names.keys()].filter((index) => index !== this.#keyColumn && index !== this.#timeColumn);
  }

  get settled(): boolean {
    return this.#builder !== undefined;
  }

  add({ line, fields }: CsvRecord): void {
    const key = this.#keyColumn < 0 ? '' : this.#keyOf(fields[this.#keyColumn]!);
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

  /** A field is a part of the text of its chunk, which a key that is kept would hold in memory. */
  #keyOf(field: string): string {
    const known = this.#keys.get(field);
    if (known !== undefined) return known;
    const own = Buffer.from(field).toString();
    this.#keys.set(own, own);
    return own;
  }

  #settle(): SeriesBuilder {
    const kept = this.#read.flatMap((index, place) => (this.#kinds[index] === 'text' ? [] : [place]));
    this.#read = kept.map((place) => this.#read[place]!);
    if (kept.length === 0) throw this.#noNumbers();
    const names = this.#read.map((index) => this.#names[index]!);
    const units = this.#read.map((index) => this.#units[index]);
    const builder = new SeriesBuilder({
      names,
      ...(units.some((unit) => unit !== undefined) && { units }),
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
