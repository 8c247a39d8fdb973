import { findColumn, guessTimeColumn, parseHeader, parseNumber, parseTimeField } from '../adapters/csv-fields.ts';
import { type CsvDialect, guessDialect, parseCsvLine } from '../adapters/csv-records.ts';
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
    if (typeof value !== 'object' || value === null || Array.isArray(value) || 'values' in value)
      return value as Sample;
    return { values: value as Record<string, number>, ...('at' in value && { at: value.at as number }) };
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new GatecastError('invalid-sample', expected('a line of JSON', 'a sample', line), { cause });
  }
}

/** A header line, then a sample a line. The time column is the one called `time`, or the first that holds dates. */
export function csvReader(inputs: readonly string[], time?: string): LineReader {
  let dialect: CsvDialect | undefined;
  let names: string[] = [];
  let timeColumn: number | undefined;
  return (line, number) => {
    if (line.trim() === '') return undefined;
    if (!dialect) {
      dialect = guessDialect(line);
      names = parseHeader({ line: number, fields: parseCsvLine(line, dialect) }, dialect, INPUT);
      for (const input of inputs) findColumn(names, input, INPUT);
      if (time !== undefined) timeColumn = findColumn(names, time, INPUT);
      return undefined;
    }
    const fields = parseCsvLine(line, dialect);
    if (fields.length !== names.length) {
      throw new GatecastError('invalid-sample', expected(`${names.length} fields`, 'a sample', line));
    }
    timeColumn ??= guessTimeColumn(names, fields, dialect);
    const at = timeColumn < 0 ? Number.NaN : parseTimeField(fields[timeColumn]!, dialect, names[timeColumn]!);
    const values = inputs.map((input) => parseNumber(fields[names.indexOf(input)]!, dialect!));
    return Number.isFinite(at) ? { at, values } : values;
  };
}
