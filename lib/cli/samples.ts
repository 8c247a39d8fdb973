import { findColumn, guessTimeColumn, parseHeader, parseNumber, parseTimeField } from '../adapters/csv-fields.ts';
import { type CsvDialect, guessDialect, parseCsvLine } from '../adapters/csv-records.ts';
import { EpochReader } from '../adapters/epoch.ts';
import { expected, GatecastError } from '../errors.ts';
import type { Sample } from '../model/sample.ts';

const INPUT = 'the input';

/** Makes samples of lines; undefined for a line that holds none. Throws a GatecastError for one that cannot be read. */
export type LineReader = (line: string, number: number) => Sample | undefined;

/** Each line a number, an array of numbers, { at, values }, or an object that names the inputs, with `at` if it likes. */
export function ndjsonReader(): LineReader {
  return (line) => {
    if (line.trim() === '') return undefined;
    const value = parseJson(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value as Sample;
    if ('values' in value) {
      if ('offset' in value) checkOffset(value.offset);
      return value as Sample;
    }
    return { values: value as Record<string, number>, ...('at' in value && { at: value.at as number }) };
  };
}

function checkOffset(offset: unknown): void {
  if (Number.isSafeInteger(offset) && (offset as number) >= 0) return;
  throw new GatecastError('invalid-sample', expected('a whole number >= 0', 'the offset', offset));
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new GatecastError('invalid-sample', expected('a line of JSON', 'a sample', line), { cause });
  }
}

/**
 * A header line, then a sample a line. What is wrong with the header is `invalid-data`, and no line can be read then; what
 * is wrong with a line is `invalid-sample`. The time column is the one called `time`, or the first that holds dates.
 */
export function csvReader(inputs: readonly string[], time?: string): LineReader {
  let dialect: CsvDialect | undefined;
  let names: string[] = [];
  let timeColumn = -1;
  const epoch = new EpochReader('s');
  const timeOf = (field: string, name: string) => asSample(() => parseTimeField(field, dialect!, epoch, () => name));
  return (line, number) => {
    if (line.trim() === '') return undefined;
    if (!dialect) {
      dialect = guessDialect(line);
      names = parseHeader({ line: number, fields: parseCsvLine(line, dialect) }, dialect, INPUT);
      for (const input of inputs) findColumn(names, input, INPUT);
      if (time !== undefined) timeColumn = findColumn(names, time, INPUT);
      return undefined;
    }
    const fields = asSample(() => parseCsvLine(line, dialect!));
    if (fields.length !== names.length) {
      throw new GatecastError('invalid-sample', expected(`${names.length} fields`, 'a sample', line));
    }
    // Not from the first line only: its time may be the one that is malformed.
    if (timeColumn < 0) timeColumn = guessTimeColumn(names, fields, dialect);
    const at = timeColumn < 0 ? Number.NaN : timeOf(fields[timeColumn]!, names[timeColumn]!);
    const values = inputs.map((input) => parseNumber(fields[names.indexOf(input)]!, dialect!));
    return Number.isFinite(at) ? { at, values } : values;
  };
}

function asSample<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof GatecastError)) throw cause;
    throw new GatecastError('invalid-sample', cause.message, { cause });
  }
}
