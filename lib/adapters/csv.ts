/**
 * Tables and samples from CSV files.
 * @module gatecast/csv
 */
import { gather, type Series } from '../data/series.ts';
import { joinTables, type Table } from '../data/table.ts';
import { csvOptions, type CsvOptions, type ReadCsvOptions } from './csv-options.ts';
import { readSeries, refuseMixed } from './csv-reader.ts';
import { surveyCsv } from './csv-survey.ts';
import { type DataReport, notesOn, reportOn } from './data-report.ts';
import { inputName, type TextInput } from './text-input.ts';

export type { TextInput } from './text-input.ts';
export type { ReadCsvOptions } from './csv-options.ts';
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
  const checked = csvOptions(options);
  const tables = await gather({ [Symbol.asyncIterator]: () => seriesIn(input, checked) });
  return checked.reading.by === undefined ? joinTables([...tables.values()]) : tables;
}

/**
 * The rows of CSV as series, read in chunks when they are iterated, as `readCsv` reads them. Each iteration reads a
 * file again, once to find out how it is to be read. A file whose rows are not in time order is held in memory.
 * Throws `invalid-argument`; iterating throws as `readCsv` does.
 *
 * ```ts
 * const series = csvSeries('sales.csv', { by: 'store', time: 'day', roles: { units: 'target', price: 'past' } });
 * const model = await fit(series, { horizon: 28 });
 * ```
 */
export function csvSeries(input: TextInput, options: ReadCsvOptions = {}): Series {
  inputName(input);
  const checked = csvOptions(options);
  return { [Symbol.asyncIterator]: () => seriesIn(input, checked) };
}

/**
 * Reads a CSV file as `readCsv` does and reports what was understood: how it is written, times, series, order, and
 * what each column holds. Its memory does not grow with the rows. Throws as `readCsv` does, but a file with the rows of
 * several series is reported, not refused.
 */
export async function inspectCsv(input: TextInput, options: ReadCsvOptions = {}): Promise<DataReport> {
  inputName(input);
  const { reading, file } = csvOptions(options);
  const survey = await surveyCsv(input, reading, file);
  try {
    return reportOn(survey);
  } finally {
    await survey.file.close();
  }
}

async function* seriesIn(input: TextInput, { reading, file, reader, note }: CsvOptions) {
  const survey = await surveyCsv(input, reading, file);
  try {
    refuseMixed(survey);
    for (const sentence of notesOn(survey)) note(sentence);
    yield* readSeries(survey, reader, note);
  } finally {
    await survey.file.close();
  }
}
