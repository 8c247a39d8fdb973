/**
 * Tables and samples from CSV files.
 * @module gatecast/csv
 */
import { oneOf, record, recordOf, text } from '../base/schema.ts';
import { gather, type Series } from '../data/series.ts';
import { type Role, ROLES, selectColumns, type Table } from '../data/table.ts';
import { readTables } from './csv-reader.ts';
import { checkLineBytes, checkNote, DEFAULT_LINE_BYTES, inputName, type TextInput } from './text-lines.ts';

export type { TextInput } from './text-lines.ts';
export { forecastHeader, forecastLines } from './csv-forecasts.ts';
export type { ForecastColumns as ForecastCsvOptions } from './forecast-rows.ts';

export interface ReadCsvOptions {
  /** Column with the time of each row; the first that holds dates by default. */
  time?: string;
  /** Called with a sentence for each column that is left out. */
  note?: (sentence: string) => void;
  /** Longest line that is accepted, in bytes; 16 MiB by default. */
  maxLineBytes?: number;
}

export interface CsvSeriesOptions extends ReadCsvOptions {
  /** Column whose value says which series a row is of; without it, all rows are of one series with the key ''. */
  key?: string;
  /** What columns are to a forecast, by name. */
  roles?: Readonly<Record<string, Role>>;
}

const column = text(65_536);
const fields = { time: column, note: checkNote, maxLineBytes: checkLineBytes };
const checkOptions = record<ReadCsvOptions & { by?: string }>({ ...fields, by: column }, [
  'time',
  'note',
  'by',
  'maxLineBytes',
]);
const checkSeriesOptions = record<CsvSeriesOptions>({ ...fields, key: column, roles: recordOf(oneOf(...ROLES)) }, [
  'time',
  'note',
  'maxLineBytes',
  'key',
  'roles',
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
 * The rows of a CSV as series, read in chunks when they are iterated, a file anew each time. The columns are the time,
 * the key, and numbers, read as `readCsv` reads them; a column with text within its first 1,000 rows is left out, and
 * one that is empty until then stays: text after that is missing. Throws `invalid-argument`; iterating throws what
 * `readCsv` does.
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
