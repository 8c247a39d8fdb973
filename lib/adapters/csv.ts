import type { Table } from '../batch/table.ts';
import { describe, expected, GatecastError } from '../errors.ts';
import { type Check, record, text } from '../model/schema.ts';
import { findColumn, guessTimeColumn, isMissing, parseHeader, parseNumber, parseTimeField } from './csv-fields.ts';
import { type CsvDialect, csvRecords } from './csv-records.ts';

export { type ForecastCsvOptions, forecastHeader, forecastLines } from './csv-forecasts.ts';

export interface ReadCsvOptions {
  /** Column with the time of each row; the first that holds dates by default. */
  time?: string;
  /** Called with a sentence for each column that is left out. */
  note?: (sentence: string) => void;
}

type Options = ReadCsvOptions & { by?: string };

const column = text(65_536);
const callback: Check<NonNullable<ReadCsvOptions['note']>> = (value, name) => {
  if (typeof value === 'function') return value as NonNullable<ReadCsvOptions['note']>;
  throw new GatecastError('invalid-argument', expected('a function', name, value));
};
const checkOptions = record<Options>({ time: column, note: callback, by: column }, ['time', 'note', 'by']);

/**
 * Reads a CSV file with a header line: one column of times at most, numbers, and words for missing values ('', NA,
 * null ...) that become NaN. Columns of text are left out. Comma, semicolon (then ',' may be the decimal point) or
 * tab separate. With `by`, rows are sorted into one table for each value of that column, in order of appearance.
 * Throws `invalid-argument`, `invalid-data` naming the line, or `io`.
 */
export async function readCsv(path: string, options?: ReadCsvOptions): Promise<Table>;
export async function readCsv(path: string, options: ReadCsvOptions & { by: string }): Promise<Map<string, Table>>;
export async function readCsv(path: string, options: Options = {}): Promise<Table | Map<string, Table>> {
  if (typeof path !== 'string') throw new GatecastError('invalid-argument', expected('a path', 'the file', path));
  checkOptions(options, 'options');
  let reader: CsvReader | undefined;
  let header: string[] | undefined;
  for await (const { line, fields, dialect } of csvRecords(path)) {
    if (!header) header = parseHeader({ line, fields }, dialect, path);
    else {
      reader ??= new CsvReader(path, header, fields, dialect, options);
      reader.add(line, fields);
    }
  }
  if (!header) throw new GatecastError('invalid-data', `Expected a header line in ${path} but the file is empty.`);
  if (!reader) throw new GatecastError('invalid-data', `Expected rows below the header of ${path} but found none.`);
  const tables = reader.finish();
  return options.by === undefined ? tables.values().next().value! : tables;
}

/** Rows of one series as they are read; all columns stay until it is known which hold numbers. */
interface Series {
  at: number[];
  columns: number[][];
}

class CsvReader {
  readonly #path: string;
  readonly #names: readonly string[];
  readonly #dialect: CsvDialect;
  readonly #options: ReadCsvOptions;
  readonly #timeColumn: number;
  readonly #byColumn: number;
  readonly #series = new Map<string, Series>();
  /** What a column's first value was: decides for all its rows. */
  readonly #kinds: ('number' | 'text' | undefined)[];

  constructor(path: string, names: readonly string[], first: readonly string[], dialect: CsvDialect, options: Options) {
    const { time, by } = options;
    this.#path = path;
    this.#names = names;
    this.#dialect = dialect;
    this.#options = options;
    this.#timeColumn = time === undefined ? guessTimeColumn(names, first, dialect) : findColumn(names, time, path);
    this.#byColumn = by === undefined ? -1 : findColumn(names, by, path);
    this.#kinds = names.map(() => undefined);
  }

  add(line: number, fields: readonly string[]): void {
    const series = this.#seriesOf(this.#byColumn < 0 ? '' : fields[this.#byColumn]!);
    fields.forEach((field, index) => {
      if (index === this.#byColumn) return;
      if (index === this.#timeColumn) {
        series.at.push(parseTimeField(field, this.#dialect, this.#where(index, line)));
      } else if (this.#kinds[index] !== 'text') {
        series.columns[index]!.push(this.#value(index, field, line));
      }
    });
  }

  finish(): Map<string, Table> {
    const { note = () => {} } = this.#options;
    const kept = this.#kinds.flatMap((kind, index) => (kind === 'number' ? [index] : []));
    this.#kinds.forEach((kind, index) => {
      if (kind === 'number' || index === this.#timeColumn || index === this.#byColumn) return;
      note(`Column ${describe(this.#names[index])} is left out: it ${kind ? 'holds text' : 'is empty'}.`);
    });
    if (kept.length === 0) {
      throw new GatecastError(
        'invalid-data',
        `Expected at least one column of numbers in ${this.#path} but found none.`,
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

  #seriesOf(key: string): Series {
    let series = this.#series.get(key);
    if (!series) {
      series = { at: [], columns: this.#names.map(() => []) };
      this.#series.set(key, series);
    }
    return series;
  }

  #value(index: number, field: string, line: number): number {
    if (isMissing(field)) return Number.NaN;
    const value = parseNumber(field, this.#dialect);
    const kind = Number.isFinite(value) ? 'number' : 'text';
    this.#kinds[index] ??= kind;
    if (kind === 'text' && this.#kinds[index] === 'number') {
      throw new GatecastError('invalid-data', expected('a number', this.#where(index, line), field));
    }
    return value;
  }

  #where(index: number, line: number): string {
    return `${this.#names[index]} in line ${line} of ${this.#path}`;
  }
}
