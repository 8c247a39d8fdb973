import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { expected, GatecastError } from '../base/errors.ts';
import { inputName, type TextInput, textLines } from './text-lines.ts';

/** One record of a CSV file. */
export interface CsvRecord {
  /** The line on which it begins, from 1. */
  line: number;
  fields: string[];
}

/** How a CSV file separates fields and writes fractions. */
export interface CsvDialect {
  delimiter: string;
  /** ',' if ';' separates fields, as spreadsheets in many countries write. */
  decimal: '.' | ',';
}

/** Guesses the dialect from the first line: the separator is the one that occurs most often. */
export function guessDialect(line: string): CsvDialect {
  const count = (delimiter: string) => line.split(delimiter).length;
  const delimiter = [',', ';', '\t'].reduce((best, other) => (count(other) > count(best) ? other : best));
  return { delimiter, decimal: delimiter === ';' ? ',' : '.' };
}

/**
 * Yields the records of a CSV file, header included, as a list for each chunk that was read. A quoted field may contain
 * line ends. Throws `invalid-data`, naming the line, for malformed CSV and for a record with more or fewer fields than
 * the first; and `io`.
 */
export async function* csvRecords(
  input: TextInput,
  maxLineBytes: number,
): AsyncGenerator<{ dialect: CsvDialect; records: CsvRecord[] }> {
  const name = inputName(input);
  let dialect: CsvDialect | undefined;
  let width: number | undefined;
  /** The lines so far of a record with an open quote, their total length, and the line it begins on. */
  let open: { line: number; texts: string[]; length: number } | undefined;
  for await (const lines of textLines(input, 'CSV', maxLineBytes)) {
    const texts: CsvText[] = [];
    for (const { number, text } of lines) {
      if (open || hasOddQuotes(text)) {
        const closes = open !== undefined && hasOddQuotes(text);
        open ??= { line: number, texts: [], length: 0 };
        open.texts.push(text);
        open.length += text.length + 1;
        if (open.length > maxLineBytes) throw neverClosed(open.line, name);
        if (!closes) continue;
        texts.push({ line: open.line, text: open.texts.join('\n') });
        open = undefined;
      } else if (!isBlank(text, dialect)) {
        texts.push({ line: number, text });
      }
      if (texts.length > 0) dialect ??= guessDialect(texts[0]!.text);
    }
    if (dialect === undefined || texts.length === 0) continue;
    const records = parseRecords(texts, dialect, name);
    width ??= records[0]!.fields.length;
    for (const { line, fields } of records) {
      if (fields.length === width) continue;
      const message = `Expected ${width} fields in line ${line} of ${name} but received ${fields.length}.`;
      throw new GatecastError('invalid-data', message);
    }
    yield { dialect, records };
  }
  if (open) throw neverClosed(open.line, name);
}

/** A record as text. */
interface CsvText {
  readonly line: number;
  readonly text: string;
}

/** The fields of one line, at once. For streams, where waiting for the next line would delay every sample. */
export function parseCsvLine(line: string, dialect: CsvDialect): string[] {
  try {
    return parse(line, parserOptions(dialect))[0] ?? [];
  } catch (cause) {
    throw new GatecastError('invalid-data', expected('a line of CSV', 'a sample', line), { cause });
  }
}

/** Messages by the error code of csv-parse, whose own messages count lines from the start of the text it is given. */
const MISTAKES: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: 'a field continues after its closing quote',
  CSV_QUOTE_NOT_CLOSED: 'a quote is not closed',
  INVALID_OPENING_QUOTE: 'a quote is inside a field that is not quoted',
};

/** Parses all records at once, which is many times as fast as one by one. */
function parseRecords(texts: readonly CsvText[], dialect: CsvDialect, name: string): CsvRecord[] {
  try {
    const fields = parse(texts.map(({ text }) => text).join('\n'), parserOptions(dialect));
    return texts.map(({ line }, i) => ({ line, fields: fields[i]! }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    if (texts.length > 1) return texts.flatMap((text) => parseRecords([text], dialect, name)); // names the line
    const what = MISTAKES[cause.code] ?? cause.message;
    const message = `Expected well-formed CSV in line ${texts[0]!.line} of ${name}: ${what}.`;
    throw new GatecastError('invalid-data', message, { cause });
  }
}

function parserOptions({ delimiter }: CsvDialect) {
  // The `trim` of csv-parse would take the tab after an empty first field for a blank.
  const blanks =
    delimiter === '\t' ? { on_record: (fields: string[]) => fields.map((field) => field.trim()) } : { trim: true };
  return { delimiter, ...blanks, relax_column_count: true, record_delimiter: '\n' };
}

/** True for a blank line. A line of tabs is not blank if tabs separate: it is a record of missing values. */
function isBlank(text: string, dialect: CsvDialect | undefined): boolean {
  return text.trim() === '' && !(dialect && text.includes(dialect.delimiter));
}

function hasOddQuotes(text: string): boolean {
  let odd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) odd = !odd;
  return odd;
}

function neverClosed(line: number, name: string): GatecastError {
  return new GatecastError(
    'invalid-data',
    `Expected well-formed CSV in line ${line} of ${name}: a quote is not closed.`,
  );
}
