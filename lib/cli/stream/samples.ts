import { guessTimeColumn, parseHeader, parseNumber, parseTimeField } from '../../adapters/csv-fields.ts';
import { isComment } from '../../adapters/csv-comments.ts';
import { type CsvDialect, guessDialect, parseCsvLine } from '../../adapters/csv-records.ts';
import { booleanOf, JsonReader } from '../../adapters/json-lines.ts';
import { isMissing } from '../../reading/missing.ts';
import { describe, expected, GatecastError, nearest } from '../../base/errors.ts';
import type { Sample, SampleValues } from '../../model/sample.ts';
import { checkKey } from '../../stores/checks.ts';
import { isRecord } from '../../base/values.ts';
import { EpochReader } from '../../reading/epoch.ts';
import { findColumn } from '../../reading/names.ts';

const INPUT = 'the input';

/** A sample with its key, if there are many streams. */
export type KeyedSample = Sample & { readonly key?: string };

/**
 * Turns lines into samples; undefined for a line that holds none. Throws a GatecastError for one that cannot be read.
 */
export type LineReader = (line: string, number: number) => KeyedSample | undefined;

export interface LineReaderOptions {
  /** Inputs of the model. */
  inputs: readonly string[];
  /** Those that are categories, whose values are words. */
  categories?: readonly string[];
  /** Interval of the model [ms]: decides the unit of times that do not show it themselves. */
  interval: number | null;
  /** Field or column of the time. */
  time?: string;
  /** Field or column that tells many streams apart. */
  key?: string;
  /** Called once with a sentence on which field is taken as the time, or in which unit times are. */
  note: (sentence: string) => void;
}

/** Each line is a number, an array, { at, values }, or an object with the inputs by name and, optionally, a time. */
export function ndjsonReader({ inputs, categories, interval, time, key, note }: LineReaderOptions): LineReader {
  const epoch = epochReader('ms', interval, key, note);
  const reader = new JsonReader({ inputs, categories, epoch, note, ...(time !== undefined && { time }) });
  return (line) => {
    if (line.trim() === '') return undefined;
    const { at, values, fields, wrapped } = reader.read(line);
    const offset = wrapped && 'offset' in fields ? checkOffset(fields['offset']) : undefined;
    const own = key === undefined ? undefined : keyOf(fields, key);
    if (at === undefined && offset === undefined && own === undefined && !isRecord(values)) return values as Sample;
    const known = {
      ...(at !== undefined && { at }),
      ...(offset !== undefined && { offset }),
      ...(own !== undefined && { key: own }),
    };
    return { ...known, values: values as SampleValues };
  };
}

/** The text or number in the field of the key. Throws `invalid-sample` for anything else. */
function keyOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const key = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (typeof key === 'string' || typeof key === 'number') return asSample(() => checkKey(String(key)));
  const slip = nearest(name, Object.keys(fields).slice(0, 64));
  const hint = slip === undefined ? '' : ` The sample has ${describe(slip)}.`;
  throw new GatecastError('invalid-sample', expected('text or a number', `the key ${describe(name)}`, key) + hint);
}

function checkOffset(offset: unknown): number {
  if (Number.isSafeInteger(offset) && (offset as number) >= 0) return offset as number;
  throw new GatecastError('invalid-sample', expected('a whole number >= 0', 'the offset', offset));
}

/**
 * A header line, then one sample per line. Throws `invalid-data` for a bad header, and then no line can be read;
 * `invalid-sample` for a bad line. The time column is the one called `time`, or the first that holds dates.
 */
export function csvReader({ inputs, categories = [], interval, time, key, note }: LineReaderOptions): LineReader {
  let dialect: CsvDialect | undefined;
  let names: string[] = [];
  let timeColumn = -1;
  let keyColumn = -1;
  const epoch = epochReader('s', interval, key, note);
  const timeOf = (field: string, name: string) => asSample(() => parseTimeField(field, dialect!, epoch, () => name));
  return (line, number) => {
    if (line.trim() === '') return undefined;
    if (!dialect) {
      if (isComment(line)) return undefined;
      dialect = guessDialect(line);
      names = parseHeader({ line: number, fields: parseCsvLine(line, dialect) }, dialect, INPUT);
      for (const input of inputs) findColumn(names, input, INPUT);
      if (time !== undefined) timeColumn = findColumn(names, time, INPUT);
      if (key !== undefined) keyColumn = findColumn(names, key, INPUT);
      return undefined;
    }
    const fields = asSample(() => parseCsvLine(line, dialect!));
    if (fields.length !== names.length) {
      throw new GatecastError('invalid-sample', expected(`${names.length} fields`, 'a sample', line));
    }
    // Tried at every line until found, because the time of the first may be malformed.
    if (timeColumn < 0) timeColumn = guessTimeColumn(names, fields, dialect);
    const at = timeColumn < 0 ? Number.NaN : timeOf(fields[timeColumn]!, names[timeColumn]!);
    const values = inputs.map((input) => {
      const field = fields[names.indexOf(input)]!;
      if (categories.includes(input)) return isMissing(field) ? Number.NaN : field;
      return booleanOf(field) ?? parseNumber(field, dialect!);
    });
    const timed = Number.isFinite(at) ? { at, values } : { values };
    return keyColumn < 0 ? timed : { ...timed, key: asSample(() => checkKey(fields[keyColumn])) };
  };
}

/** With many streams in one source, the spacing of its samples does not show the unit of their times. */
function epochReader(
  small: 's' | 'ms',
  interval: number | null,
  key: string | undefined,
  note: (sentence: string) => void,
): EpochReader {
  return new EpochReader(small, { interval: key === undefined ? interval : null, note });
}

function asSample<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof GatecastError)) throw cause;
    throw new GatecastError('invalid-sample', cause.message, { cause });
  }
}
