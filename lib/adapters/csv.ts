/**
 * Tables and samples from CSV files.
 * @module gatecast/csv
 */
import { oneOf, object, recordOf, text } from '../base/schema.ts';
import { gather, type Series } from '../data/series.ts';
import { type Role, ROLES, selectColumns, type Table } from '../data/table.ts';
import { readTables } from './csv-reader.ts';
import { checkEncoding } from './text-encoding.ts';
import { inputName, type TextInput } from './text-input.ts';
import { checkLineBytes, checkNote, DEFAULT_LINE_BYTES } from './text-lines.ts';

export type { TextInput } from './text-input.ts';
export { forecastHeader, forecastLines } from './csv-forecasts.ts';
export type { ForecastColumns as ForecastCsvOptions } from './forecast-rows.ts';

export interface ReadCsvOptions {
  /** Column with the time of each row; default the first that holds dates. */
  time?: string;
  /** Called with a sentence for each column that is left out. */
  note?: (sentence: string) => void;
  /** Longest accepted line in bytes; default 16 MiB. */
  maxLineBytes?: number;
  /**
   * The encoding of the text, such as 'latin1', by any name that `TextDecoder` knows. Default: UTF-8 or UTF-16, or
   * windows-1252 for a text that is neither.
   */
  encoding?: string;
}

export interface CsvSeriesOptions extends ReadCsvOptions {
  /** Column with the key of the series of each row. Without it, all rows are one series with the key ''. */
  key?: string;
  /** The roles of columns in a forecast, by name. */
  roles?: Readonly<Record<string, Role>>;
}

const column = text(65_536);
const fields = { time: column, note: checkNote, maxLineBytes: checkLineBytes, encoding: checkEncoding };
const optional = ['time', 'note', 'maxLineBytes', 'encoding'] as const;
const checkOptions = object<ReadCsvOptions & { by?: string }>({ ...fields, by: column }, [...optional, 'by']);
const checkSeriesOptions = object<CsvSeriesOptions>({ ...fields, key: column, roles: recordOf(oneOf(...ROLES)) }, [
  ...optional,
  'key',
  'roles',
]);

/**
 * Reads CSV with a header line from a file or from a stream of bytes such as `process.stdin`. At most one column holds
 * times, the others numbers. Words for missing values ('', NA, null ...) become NaN; columns of text are left out. A
 * comma, a semicolon (then ',' may be the decimal point) or a tab separates the fields. Numeric times are read as
 * seconds, milliseconds, microseconds or nanoseconds since 1970, whichever gives a present-day date. With `by`, the
 * rows of each value of that column become a separate table, in order of appearance. Throws `invalid-argument`;
 * `invalid-data`, naming the line; or `io`.
 */
export async function readCsv(input: TextInput, options?: ReadCsvOptions): Promise<Table>;
export async function readCsv(input: TextInput, options: ReadCsvOptions & { by: string }): Promise<Map<string, Table>>;
export async function readCsv(
  input: TextInput,
  options: ReadCsvOptions & { by?: string } = {},
): Promise<Table | Map<string, Table>> {
  inputName(input);
  const { by, maxLineBytes = DEFAULT_LINE_BYTES, ...others } = checkOptions(options, 'options');
  let names: string[] = [];
  const whole = await gather({
    async *[Symbol.asyncIterator]() {
      names = yield* readTables(input, { ...others, key: by, whole: true, maxLineBytes });
    },
  });
  const tables = new Map([...whole].map(([key, table]) => [key, selectColumns(table, names)]));
  return by === undefined ? tables.values().next().value! : tables;
}

/**
 * The rows of CSV as series, read in chunks when they are iterated. Each iteration reads a file again. The columns are
 * the time, the key and numbers, read as `readCsv` reads them. A column with text within its first 1,000 rows is left
 * out. A column that is empty until then stays, and later text in it is a missing value. Throws `invalid-argument`;
 * iterating throws as `readCsv` does.
 *
 * ```ts
 * const series = csvSeries('sales.csv', { key: 'store', time: 'day', roles: { units: 'target', price: 'past' } });
 * const model = await fit(series, { horizon: 28 });
 * ```
 */
export function csvSeries(input: TextInput, options: CsvSeriesOptions = {}): Series {
  inputName(input);
  const { maxLineBytes = DEFAULT_LINE_BYTES, ...others } = checkSeriesOptions(options, 'options');
  return {
    async *[Symbol.asyncIterator]() {
      yield* readTables(input, { ...others, maxLineBytes });
    },
  };
}
