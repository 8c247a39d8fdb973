/**
 * Tables and samples from CSV files.
 * @module gatecast/csv
 */
import { gather, type Series } from '../data/series.ts';
import { joinTables, type Table } from '../data/table.ts';
import { CsvFile } from './csv-file.ts';
import { inspectFile, seriesOfFile } from './data-file.ts';
import type { DataReport } from './data-report.ts';
import { type TableOptions as ReadCsvOptions, tableOptions } from './table-options.ts';
import { inputName, type TextInput } from './text-input.ts';

export type { DuplicateRule, OrderRule, ResampleRule } from '../data/rules/rules-options.ts';
export type { ColumnKind } from '../reading/column-reading.ts';
export type { TextInput } from './text-input.ts';
export type { TableOptions as ReadCsvOptions } from './table-options.ts';
export type { DataReport, ReportColumn } from './data-report.ts';
export { forecastHeader, forecastLines } from './csv-forecasts.ts';
export type { ForecastColumns as ForecastCsvOptions } from './forecast-rows.ts';

/**
 * Reads CSV with a header line from a file or from a stream of bytes such as `process.stdin`. All rows together decide
 * how each column is read: numbers, true and false as 1 and 0, words that repeat as a category, and the time of the
 * row. Other text is left out. Rows are put in the order of their times. With `by`, the rows of each key become a
 * separate table, in the order of their first rows; without it, a file with the rows of several series is refused.
 * docs/reading.md says what is understood. Throws `invalid-argument`; `invalid-data`, naming the line; or `io`.
 */
export async function readCsv(
  input: TextInput,
  options: ReadCsvOptions & { by: string | readonly string[] },
): Promise<Map<string, Table>>;
export async function readCsv(input: TextInput, options?: ReadCsvOptions & { by?: undefined }): Promise<Table>;
export async function readCsv(input: TextInput, options: ReadCsvOptions): Promise<Table | Map<string, Table>>;
export async function readCsv(input: TextInput, options: ReadCsvOptions = {}): Promise<Table | Map<string, Table>> {
  inputName(input);
  const checked = tableOptions(options);
  const tables = await gather(seriesOfFile(() => CsvFile.open(input, checked.file), checked));
  return checked.reading.by === undefined ? joinTables([...tables.values()]) : tables;
}

/**
 * The rows of CSV as series, read in chunks when they are iterated, as `readCsv` reads them. Each iteration reads a
 * file again, once to find out how it is to be read. A file whose rows are not in the order of their times is held in
 * memory. Throws `invalid-argument`; iterating throws as `readCsv` does.
 *
 * ```ts
 * const series = csvSeries('sales.csv', { by: 'store', time: 'day', roles: { units: 'target', price: 'past' } });
 * const model = await fit(series, { horizon: 28 });
 * ```
 */
export function csvSeries(input: TextInput, options: ReadCsvOptions = {}): Series {
  inputName(input);
  const checked = tableOptions(options);
  return seriesOfFile(() => CsvFile.open(input, checked.file), checked);
}

/**
 * Reads a CSV file as `readCsv` does and reports what was understood: how it is written, times, series, order, and what
 * each column holds. Its memory does not grow with the rows. Throws as `readCsv` does, but a file with the rows of
 * several series is reported, not refused.
 */
export async function inspectCsv(input: TextInput, options: ReadCsvOptions = {}): Promise<DataReport> {
  inputName(input);
  const checked = tableOptions(options);
  return inspectFile(await CsvFile.open(input, checked.file), checked);
}
