import { types } from 'node:util';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { Row } from '../batch/runs.ts';
import { describe, expected, GatecastError } from '../errors.ts';
import { record, text } from '../model/schema.ts';
import { parseTime } from './csv-time.ts';
import { isRecord } from '../values.ts';

export interface ReadNdjsonOptions {
  /** Field whose value says which run a line is of: a number or text. */
  by?: string;
}

const checkOptions = record<ReadNdjsonOptions>({ by: text(65_536) }, ['by']);

/**
 * Reads a file with an object in JSON on each line, as `trainDynamics` takes them: numbers by name, null or no field where a value is
 * missing, and `at`, the time, in ms since 1970 or as text such as 2026-01-31T12:00:00Z. `{ "at": .., "values": { .. } }` is read as
 * well. Fields of other kinds are left out. With `by`, lines are sorted into one run for each value of that field, in order of
 * appearance. Throws `invalid-argument`, `invalid-data` naming the line, or `io`.
 *
 * ```ts
 * const runs = await readNdjson('log.ndjson', { by: 'run' });
 * const { models } = await trainDynamics([...runs.values()], { inputs: 'force', outputs: ['position', 'angle'] });
 * ```
 */
export async function readNdjson(path: string, options?: ReadNdjsonOptions): Promise<Row[]>;
export async function readNdjson(path: string, options: { by: string }): Promise<Map<string, Row[]>>;
export async function readNdjson(path: string, options: ReadNdjsonOptions = {}): Promise<Row[] | Map<string, Row[]>> {
  if (typeof path !== 'string') throw new GatecastError('invalid-argument', expected('a path', 'the file', path));
  const { by } = checkOptions(options, 'options');
  const runs = new Map<string, Row[]>();
  let line = 0;
  for await (const content of linesOf(path)) {
    line += 1;
    if (content.trim() === '') continue;
    const where = `line ${line} of ${path}`;
    const fields = parseLine(content, where);
    const key = by === undefined ? '' : runOf(fields[by], by, where);
    const run = runs.get(key);
    if (run) run.push(toRow(fields, by, where));
    else runs.set(key, [toRow(fields, by, where)]);
  }
  if (runs.size === 0) throw new GatecastError('invalid-data', `Expected lines of JSON in ${path} but found none.`);
  return by === undefined ? runs.get('')! : runs;
}

async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    const file = createReadStream(path, 'utf8');
    // Lines are asked for only once the file is open: before, an error would have no one to go to.
    await new Promise((resolve, reject) => file.once('open', resolve).once('error', reject));
    yield* createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (cause) {
    if (cause instanceof GatecastError || !types.isNativeError(cause)) throw cause;
    throw new GatecastError('io', `Expected to read ${describe(path)} but could not: ${cause.message}.`, { cause });
  }
}

function parseLine(content: string, where: string): Record<string, unknown> {
  let fields: unknown;
  try {
    fields = JSON.parse(content);
  } catch (cause) {
    throw new GatecastError('invalid-data', expected('JSON', where, content), { cause });
  }
  if (!isObject(fields)) throw new GatecastError('invalid-data', expected('an object', where, fields));
  const { values, ...others } = fields;
  return isObject(values) ? { ...others, ...values } : fields;
}

function toRow(fields: Record<string, unknown>, by: string | undefined, where: string): Row {
  const entries = Object.entries(fields).flatMap(([name, value]): [string, number | null][] => {
    if (name === 'at') return [[name, timeOf(value, where)]];
    return name !== by && (typeof value === 'number' || value === null) ? [[name, value]] : [];
  });
  return Object.fromEntries(entries);
}

function timeOf(value: unknown, where: string): number {
  const time = typeof value === 'string' ? parseTime(value) : value;
  if (typeof time === 'number' && Number.isFinite(time)) return time;
  throw new GatecastError('invalid-data', expected('a time', `at in ${where}`, value));
}

function runOf(value: unknown, by: string, where: string): string {
  if (typeof value === 'number' || typeof value === 'string') return String(value);
  throw new GatecastError('invalid-data', expected('a number or text', `${by} in ${where}`, value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return isRecord(value);
}
