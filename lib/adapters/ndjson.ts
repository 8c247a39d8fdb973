import type { Row } from '../data/runs.ts';
import { expected, GatecastError } from '../base/errors.ts';
import { record, text } from '../base/schema.ts';
import { isRecord } from '../base/values.ts';
import { EpochReader } from './epoch.ts';
import { JsonReader, type JsonSample, numberOf } from './json-lines.ts';
import { checkLineBytes, checkNote, DEFAULT_LINE_BYTES, inputName, type TextInput, textLines } from './text-lines.ts';

export interface ReadNdjsonOptions {
  /** Field whose value says which run a line is of: a number or text. */
  by?: string;
  /** Field with the time of each line; `at` by default, or a field such as `timestamp`, `time`, `ts` that holds one. */
  time?: string;
  /** Called with a sentence: which field is taken as the time, or why one is not. */
  note?: (sentence: string) => void;
  /** Longest line that is accepted, in bytes; 16 MiB by default. */
  maxLineBytes?: number;
}

const field = text(65_536);
const checkOptions = record<ReadNdjsonOptions>(
  { by: field, time: field, note: checkNote, maxLineBytes: checkLineBytes },
  ['by', 'time', 'note', 'maxLineBytes'],
);

/**
 * Reads a JSON object from each line of a file or a stream of bytes, in the form that `trainDynamics` takes: numbers by
 * name, in quotes or not; null, NaN or no field where a value is missing; and the time `at`, in ms since 1970 or as
 * text such as 2026-01-31T12:00:00Z. A number that is a present-day time in seconds, microseconds or nanoseconds is
 * read in that unit. `{ "at": .., "values": { .. } }` is read as well. Other fields are left out. With `by`, the lines
 * of each value of that field become a run of their own, in order of appearance. Throws `invalid-argument`,
 * `invalid-data` naming the line, or `io`.
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
  const { by, time, note, maxLineBytes = DEFAULT_LINE_BYTES } = checkOptions(options, 'options');
  const reader = new JsonReader({
    epoch: new EpochReader('ms', { note }),
    ...(time !== undefined && { time }),
    ...(note && { note }),
  });
  const runs = new Map<string, Row[]>();
  for await (const lines of textLines(input, 'NDJSON', maxLineBytes)) {
    for (const { number, text } of lines) {
      if (text.trim() === '') continue;
      const where = `line ${number} of ${name}`;
      const sample = asData(() => reader.read(text, where));
      if (!isRecord(sample.values)) {
        throw new GatecastError('invalid-data', expected('an object', where, sample.values));
      }
      const key = by === undefined ? '' : runOf(sample.fields[by] ?? (sample.values as Fields)[by], by, where);
      const row = toRow(sample, by);
      const run = runs.get(key);
      if (run) run.push(row);
      else runs.set(key, [row]);
    }
  }
  if (runs.size === 0) throw new GatecastError('invalid-data', `Expected lines of JSON in ${name} but found none.`);
  return by === undefined ? runs.get('')! : runs;
}

type Fields = Readonly<Record<string, unknown>>;

function asData<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof GatecastError)) throw cause;
    throw new GatecastError('invalid-data', cause.message, { cause });
  }
}

/** The numbers of a line: those beside `values` and those in it. */
function toRow({ at, values, fields }: JsonSample, by: string | undefined): Row {
  const entries = Object.entries({ ...fields, ...(values as Fields) }).flatMap(
    ([name, value]): [string, number | null][] => {
      const number = name === by || name === 'at' ? undefined : numberOf(value);
      return number === undefined ? [] : [[name, number]];
    },
  );
  if (at !== undefined) entries.unshift(['at', at]);
  return Object.fromEntries(entries);
}

function runOf(value: unknown, by: string, where: string): string {
  if (typeof value === 'number' || typeof value === 'string') return String(value);
  throw new GatecastError('invalid-data', expected('a number or text', `${by} in ${where}`, value));
}
