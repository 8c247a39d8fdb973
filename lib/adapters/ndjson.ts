/**
 * Samples, tables and forecasts as lines of JSON.
 * @module gatecast/ndjson
 */
import { object, text } from '../base/schema.ts';
import type { Row } from '../data/runs.ts';
import type { Series } from '../data/series.ts';
import type { TextFileOptions } from './csv-file.ts';
import { inspectFile, seriesOfFile } from './data-file.ts';
import type { DataReport } from './data-report.ts';
import { NdjsonFile, noLines } from './ndjson-file.ts';
import { createReader, readRows } from './ndjson-reader.ts';
import { type TableOptions as NdjsonSeriesOptions, tableOptions } from './table-options.ts';
import { checkEncoding } from './text-encoding.ts';
import { inputName, type TextInput } from './text-input.ts';
import { checkLineBytes, checkNote, Text } from './text-lines.ts';

export type { DataReport, ReportColumn } from './data-report.ts';
export type { TableOptions as NdjsonSeriesOptions } from './table-options.ts';
export type { TextInput } from './text-input.ts';

export interface ReadNdjsonOptions {
  /** Field with the run of each line: a number or text. */
  by?: string;
  /**
   * Field with the time of each line; default `at`, or a field such as `timestamp`, `time` or `ts` that holds a time.
   */
  time?: string;
  /** Called with a sentence: which field is taken as the time, or why one is not. */
  note?: (sentence: string) => void;
  /** Longest accepted line in bytes; default 16 MiB. */
  maxLineBytes?: number;
  /**
   * The encoding of the text, by any name that `TextDecoder` knows. Default: UTF-8 or UTF-16, or windows-1252 if the
   * first character beyond ASCII is neither.
   */
  encoding?: string;
}

const field = text(65_536);
const checkOptions = object<ReadNdjsonOptions>(
  { by: field, time: field, note: checkNote, maxLineBytes: checkLineBytes, encoding: checkEncoding },
  ['by', 'time', 'note', 'maxLineBytes', 'encoding'],
);

/**
 * Reads a JSON object from each line of a file or a stream of bytes, in the form that `trainDynamics` takes. Numbers
 * are by name, in quotes or not; null, NaN or an absent field is a missing value. The time `at` is in ms since 1970 or
 * text such as 2026-01-31T12:00:00Z. A number that is a present-day time in seconds, microseconds or nanoseconds is
 * read in that unit. `{ "at": .., "values": { .. } }` is read as well. Other fields are left out. With `by`, the lines
 * of each value of that field become a separate run, in order of appearance. Throws `invalid-argument`; `invalid-data`,
 * naming the line; or `io`.
 *
 * ```ts
 * const runs = await readNdjson('log.ndjson', { by: 'run' });
 * const { models } = await trainDynamics([...runs.values()], { inputs: 'force', outputs: ['position', 'angle'] });
 * ```
 */
export async function readNdjson(input: TextInput, options?: ReadNdjsonOptions): Promise<Row[]>;
export async function readNdjson(
  input: TextInput,
  options: ReadNdjsonOptions & { by: string },
): Promise<Map<string, Row[]>>;
export async function readNdjson(
  input: TextInput,
  options: ReadNdjsonOptions = {},
): Promise<Row[] | Map<string, Row[]>> {
  const name = inputName(input);
  const { by, ...others } = checkOptions(options, 'options');
  const runs = new Map<string, Row[]>();
  for await (const rows of readRows(input, by, createReader(others), others)) {
    for (const { key, row } of rows) {
      const run = runs.get(key);
      if (run) run.push(row);
      else runs.set(key, [row]);
    }
  }
  if (runs.size === 0) throw noLines(name);
  return by === undefined ? runs.get('')! : runs;
}

/**
 * The lines of NDJSON as series, read in chunks when they are iterated. Each iteration reads a file again. Each line
 * is an object; the columns are the fields of all lines, and all lines together decide how each is read: numbers, also
 * as text, true and false as 1 and 0, words that repeat as a category, and the time. A field that a line lacks is
 * missing. The fields of an object within it are called `air.temp`, those of `values` by their own names. Otherwise
 * lines are read as `readCsv` reads rows. Throws `invalid-argument`; iterating throws `invalid-data`, naming the line,
 * and `io`.
 *
 * ```ts
 * const series = ndjsonSeries('pumps.ndjson', { by: 'pump', roles: { temperature: 'target' } });
 * for await (const { key, forecast } of rolling(model, series)) console.log(key, forecast.mean);
 * ```
 */
export function ndjsonSeries(input: TextInput, options: NdjsonSeriesOptions = {}): Series {
  inputName(input);
  const checked = tableOptions(options);
  return seriesOfFile(() => openNdjson(input, checked.file), checked);
}

/**
 * Reads NDJSON as `ndjsonSeries` does and reports what was understood, as `inspectCsv` does. Throws as `ndjsonSeries`
 * does, but a file with the rows of several series is reported, not refused.
 */
export async function inspectNdjson(input: TextInput, options: NdjsonSeriesOptions = {}): Promise<DataReport> {
  inputName(input);
  const checked = tableOptions(options);
  return inspectFile(await openNdjson(input, checked.file), checked);
}

async function openNdjson(input: TextInput, { encoding, maxLineBytes }: TextFileOptions): Promise<NdjsonFile> {
  const notes: string[] = [];
  const note = (sentence: string) => notes.push(sentence);
  return NdjsonFile.open(await Text.open(input, { what: 'NDJSON', encoding, maxLineBytes, note }), notes);
}
