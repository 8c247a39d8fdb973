import type { Table } from '../data/table.ts';
import { describe, expected, GatecastError } from '../base/errors.ts';
import { record, text } from '../base/schema.ts';
import { findColumn, guessTimeColumn, isMissing, parseHeader, parseNumber, parseTimeField } from './csv-fields.ts';
import { type CsvDialect, csvRecords } from './csv-records.ts';
import { EpochReader } from './epoch.ts';
import { checkLineBytes, checkNote, DEFAULT_LINE_BYTES, inputName, type TextInput } from './text-lines.ts';

export { type ForecastCsvOptions, forecastHeader, forecastLines } from './csv-forecasts.ts';

export interface ReadCsvOptions {
  /** Column with the time of each row; the first that holds dates by default. */
  time?: string;
  /** Called with a sentence for each column that is left out. */
  note?: (sentence: string) => void;
  /** Longest line that is accepted, in bytes; 16 MiB by default. */
  maxLineBytes?: number;
}

type Options = ReadCsvOptions & { by?: string };

/** Up to this many left-out columns are named one by one. */
const MAX_NOTES = 10;

const column = text(65_536);
const checkOptions = record<Options>({ time: column, note: checkNote, by: column, maxLineBytes: checkLineBytes }, [
  'time',
  'note',
  'by',
  'maxLineBytes',
]);

/**
 * Reads a CSV with a header line from a file or a stream of bytes such as `process.stdin`. At most one column holds
 * times, the others numbers; words for missing values ('', NA, null ...) become NaN, and columns of text are left out.
 * Comma, semicolon (then ',' may be the decimal point) or tab separates the fields. Numeric times are read as seconds,
 * milliseconds, microseconds or nanoseconds since 1970, whichever gives a present-day date. With `by`, the rows of each
 * value of that column become a table of their own, in order of appearance. Throws `invalid-argument`, `invalid-data`
 * naming the line, or `io`.
 */
export async function readCsv(input: TextInput, options?: ReadCsvOptions): Promise<Table>;
export async function readCsv(input: TextInput, options: ReadCsvOptions & { by: string }): Promise<Map<string, Table>>;
export async function readCsv(input: TextInput, options: Options = {}): Promise<Table | Map<string, Table>> {
  const name = inputName(input);
  const { maxLineBytes = DEFAULT_LINE_BYTES } = checkOptions(options, 'options');
  let reader: CsvReader | undefined;
  let header: string[] | undefined;
  for await (const { dialect, records } of csvRecords(input, maxLineBytes)) {
    for (const { line, fields } of records) {
      if (!header) header = parseHeader({ line, fields }, dialect, name);
      else {
        reader ??= new CsvReader(name, header, fields, dialect, options);
        reader.add(line, fields);
      }
    }
  }
  if (!header) throw new GatecastError('invalid-data', `Expected a header line in ${name} but it is empty.`);
  if (!reader) throw new GatecastError('invalid-data', `Expected rows below the header of ${name} but found none.`);
  const tables = reader.finish();
  return options.by === undefined ? tables.values().next().value! : tables;
}

/** Rows of one series as they are read; all columns stay until it is known which hold numbers. */
interface Series {
  at: number[];
  columns: number[][];
}

class CsvReader {
  readonly #file: string;
  readonly #names: readonly string[];
  readonly #dialect: CsvDialect;
  readonly #options: ReadCsvOptions;
  readonly #timeColumn: number;
  readonly #byColumn: number;
  readonly #epoch = new EpochReader('s');
  readonly #series = new Map<string, Series>();
  /** What a column's first value was: decides for all its rows. */
  readonly #kinds: ('number' | 'text' | undefined)[];

  constructor(file: string, names: readonly string[], first: readonly string[], dialect: CsvDialect, options: Options) {
    const { time, by } = options;
    this.#file = file;
    this.#names = names;
    this.#dialect = dialect;
    this.#options = options;
    this.#timeColumn = time === undefined ? guessTimeColumn(names, first, dialect) : findColumn(names, time, file);
    this.#byColumn = by === undefined ? -1 : findColumn(names, by, file);
    this.#kinds = names.map(() => undefined);
  }

  add(line: number, fields: readonly string[]): void {
    const series = this.#seriesOf(this.#byColumn < 0 ? '' : fields[this.#byColumn]!);
    for (let index = 0; index < fields.length; index++) {
      if (index === this.#byColumn) continue;
      const field = fields[index]!;
      if (index === this.#timeColumn) {
        series.at.push(parseTimeField(field, this.#dialect, this.#epoch, () => this.#where(index, line)));
      } else if (this.#kinds[index] !== 'text') {
        series.columns[index]!.push(this.#value(index, field, line));
      }
    }
  }

  finish(): Map<string, Table> {
    const kept = this.#kinds.flatMap((kind, index) => (kind === 'number' ? [index] : []));
    this.#noteLeftOut();
    if (kept.length === 0) {
      throw new GatecastError(
        'invalid-data',
        `Expected at least one column of numbers in ${this.#file} but found none.`,
      );
    }
    const tables = [...this.#series].map(([key, { at, columns }]): [string, Table] => {
      const table: Table = {
        names: kept.map((index) => this.#names[index]!),
        columns: kept.map((index) => Float64Array.from(columns[index]!)),
      };
      if (this.#timeColumn >= 0) table.at = Float64Array.from(at);
      return [key, table];
    });
    return new Map(tables);
  }

  #noteLeftOut(): void {
    const { note = () => {} } = this.#options;
    const left = this.#names.flatMap((name, index) => {
      const kind = this.#kinds[index];
      if (kind === 'number' || index === this.#timeColumn || index === this.#byColumn) return [];
      return [`Column ${describe(name)} is left out: it ${kind ? 'holds text' : 'is empty'}.`];
    });
    for (const sentence of left.slice(0, MAX_NOTES)) note(sentence);
    if (left.length > MAX_NOTES) note(`${left.length - MAX_NOTES} more columns are left out.`);
  }

  #seriesOf(key: string): Series {
    let series = this.#series.get(key);
    if (!series) {
      series = { at: [], columns: this.#names.map(() => []) };
      this.#series.set(key, series);
    }
    return series;
  }

  #value(index: number, field: string, line: number): number {
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
    return value;
  }

  #where(index: number, line: number): string {
    return `${this.#names[index]} in line ${line} of ${this.#file}`;
  }
}
