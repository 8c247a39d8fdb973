/**
 * Samples, tables and forecasts as lines of JSON.
 * @module gatecast/ndjson
 */
import { oneOf, object, recordOf, text } from '../base/schema.ts';
import type { Row } from '../data/runs.ts';
import type { Series } from '../data/series.ts';
import { type Role, ROLES } from '../data/table.ts';
import { createReader, noLines, readChunks, readRows } from './ndjson-reader.ts';
import { checkEncoding } from './text-encoding.ts';
import { inputName, type TextInput } from './text-input.ts';
import { checkLineBytes, checkNote } from './text-lines.ts';

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

export interface NdjsonSeriesOptions extends Omit<ReadNdjsonOptions, 'by'> {
  /** Field with the key of the series of each line. Without it, all lines are one series with the key ''. */
  by?: string;
  /** The roles of fields in a forecast, by name. */
  roles?: Readonly<Record<string, Role>>;
}

const field = text(65_536);
const fields = { time: field, note: checkNote, maxLineBytes: checkLineBytes, encoding: checkEncoding };
const optional = ['time', 'note', 'maxLineBytes', 'encoding'] as const;
const checkOptions = object<ReadNdjsonOptions>({ ...fields, by: field }, [...optional, 'by']);
const checkSeriesOptions = object<NdjsonSeriesOptions>({ ...fields, by: field, roles: recordOf(oneOf(...ROLES)) }, [
  ...optional,
  'by',
  'roles',
]);

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
 * The lines of NDJSON as series, read in chunks when they are iterated. Each iteration reads a file again. The columns
 * are the fields that hold numbers within the first 1,000 lines, except the time and the key, read as `readNdjson`
 * reads them. Throws `invalid-argument`; iterating throws as `readNdjson` does.
 *
 * ```ts
 * const series = ndjsonSeries('pumps.ndjson', { by: 'pump', roles: { temperature: 'target' } });
 * for await (const { key, forecast } of rolling(model, series)) console.log(key, forecast.mean);
 * ```
 */
export function ndjsonSeries(input: TextInput, options: NdjsonSeriesOptions = {}): Series {
  inputName(input);
  const checked = checkSeriesOptions(options, 'options');
  return { [Symbol.asyncIterator]: () => readChunks(input, checked) };
}
