import { expected, GatecastError } from '../base/errors.ts';
import { firstRepeated } from '../base/schema.ts';
import type { EpochReader } from '../reading/epoch.ts';
import { isMissing } from '../reading/missing.ts';
import { isTimeName } from '../reading/names.ts';
import { parseTime } from '../reading/parse-time.ts';
import type { CsvDialect, CsvRecord } from './csv-records.ts';

/** Most columns: no table of sensors is wider, and each column costs work. */
const MAX_COLUMNS = 65_536;

/** The year 1973 in seconds since 1970: smaller numbers are not read as times. */
const LEAST_EPOCH = 1e8;

/** The number in a field; NaN if it is missing or not a number. */
export function parseNumber(field: string, { decimal }: CsvDialect): number {
  const text = decimal === ',' ? field.replace(',', '.') : field;
  return /^[+-]?\.?\d/.test(text) ? Number(text) : Number.NaN;
}

/** The column names of a header line. Throws `invalid-data` if the line looks like data or repeats a name. */
export function parseHeader({ line, fields }: CsvRecord, dialect: CsvDialect, file: string): string[] {
  if (fields.length > MAX_COLUMNS) {
    const message = `Expected at most ${MAX_COLUMNS} columns in line ${line} of ${file} but received ${fields.length}.`;
    throw new GatecastError('invalid-data', message);
  }
  const isName = (field: string) => !isMissing(field) && Number.isNaN(parseNumber(field, dialect));
  if (!fields.some(isName)) {
    const what = 'a header line with column names';
    throw new GatecastError('invalid-data', expected(what, `line ${line} of ${file}`, fields.join(dialect.delimiter)));
  }
  if (fields.some((field) => field.includes('\0') || field.includes('\ufffd'))) {
    throw new GatecastError('invalid-data', `Expected CSV in UTF-8 in ${file} but its first line is not text.`);
  }
  const names = fields.map((field, index) => field || `column ${index + 1}`);
  const repeated = firstRepeated(names);
  if (repeated === undefined) return names;
  throw new GatecastError('invalid-data', expected('different column names', `line ${line} of ${file}`, repeated));
}

/**
 * Finds the column with the time of each sample in the first record: the first column that holds a date, or one with a
 * name such as 'timestamp' that holds seconds or milliseconds since 1970. -1 if there is none.
 */
export function guessTimeColumn(names: readonly string[], fields: readonly string[], dialect: CsvDialect): number {
  const dated = fields.findIndex((field) => Number.isFinite(parseTime(field)));
  if (dated >= 0) return dated;
  return names.findIndex((name, i) => isTimeName(name) && parseNumber(fields[i]!, dialect) > LEAST_EPOCH);
}

/** The time in a field [ms since 1970]; NaN if it is missing. Throws `invalid-data` if it is not a time. */
export function parseTimeField(field: string, dialect: CsvDialect, epoch: EpochReader, where: () => string): number {
  if (isMissing(field)) return Number.NaN;
  const number = parseNumber(field, dialect);
  const time = Number.isFinite(number) ? epoch.read(number) : parseTime(field);
  if (Number.isFinite(time)) return time;
  throw new GatecastError('invalid-data', expected('a time such as 2026-01-31 12:00:00', where(), field));
}
