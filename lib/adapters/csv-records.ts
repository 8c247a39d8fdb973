import { expected, GatecastError } from '../errors.ts';
import { inputName, type TextInput, textLines } from './text-lines.ts';

/** One record of a CSV file. */
export interface CsvRecord {
  /** The line it begins on, from 1. */
  line: number;
  fields: string[];
}

/** How this CSV separates fields and writes fractions. */
export interface CsvDialect {
  delimiter: string;
  /** ',' where ';' separates fields, as spreadsheets in many countries write. */
  decimal: '.' | ',';
}

/** Guesses the dialect from the first line: what it contains most often separates. */
export function guessDialect(line: string): CsvDialect {
  const count = (delimiter: string) => line.split(delimiter).length;
  const delimiter = [',', ';', '\t'].reduce((best, other) => (count(other) > count(best) ? other : best));
  return { delimiter, decimal: delimiter === ';' ? ',' : '.' };
}

/**
 * The records of a CSV, header included, a list for each piece of it that was read. A quoted field may hold line ends.
 * Throws `invalid-data` naming the line, also for a record with another number of fields than the first, and `io`.
 */
export async function* csvRecords(
  input: TextInput,
  maxLineBytes: number,
): AsyncGenerator<{ dialect: CsvDialect; records: CsvRecord[] }> {
  const name = inputName(input);
  let dialect: CsvDialect | undefined;
  let width: number | undefined;
  /** The lines of a record whose quotes are open, how long they are, and where it begins. */
  let open: { line: number; texts: string[]; length: number } | undefined;
  for await (const lines of textLines(input, 'CSV', maxLineBytes)) {
    const records: CsvRecord[] = [];
    for (const { number, text } of lines) {
      let line = number;
      let whole = text;
      if (open || hasOddQuotes(text)) {
        const closes = open !== undefined && hasOddQuotes(text);
        open ??= { line, texts: [], length: 0 };
        open.texts.push(text);
        open.length += text.length + 1;
        if (open.length > maxLineBytes) throw neverClosed(open.line, name);
        if (!closes) continue;
        line = open.line;
        whole = open.texts.join('\n');
        open = undefined;
      } else if (isBlank(text, dialect)) {
        continue;
      }
      dialect ??= guessDialect(whole);
      const fields = fieldsOf(whole, dialect, `line ${line} of ${name}`);
      width ??= fields.length;
      if (fields.length !== width) {
        const message = `Expected ${width} fields in line ${line} of ${name} but received ${fields.length}.`;
        throw new GatecastError('invalid-data', message);
      }
      records.push({ line, fields });
    }
    if (dialect) yield { dialect, records };
  }
  if (open) throw neverClosed(open.line, name);
}

/** The fields of one line, now: for streams, where waiting for the next line would make every sample late. */
export function parseCsvLine(line: string, { delimiter }: CsvDialect): string[] {
  const fields = split(line, delimiter);
  if (typeof fields !== 'string') return fields;
  throw new GatecastError('invalid-data', expected('a line of CSV', 'a sample', line));
}

function fieldsOf(text: string, { delimiter }: CsvDialect, where: string): string[] {
  const fields = split(text, delimiter);
  if (typeof fields !== 'string') return fields;
  throw new GatecastError('invalid-data', `Expected well-formed CSV in ${where}: ${fields}.`);
}

/** The fields, without blanks around them; or what is wrong with the quotes. */
function split(text: string, delimiter: string): string[] | string {
  if (!text.includes('"')) {
    const fields = text.split(delimiter);
    for (let i = 0; i < fields.length; i++) fields[i] = fields[i]!.trim();
    return fields;
  }
  const fields: string[] = [];
  for (let at = 0; ; at++) {
    const begin = skipBlanks(text, at, delimiter);
    let end = text.indexOf(delimiter, begin);
    if (end < 0) end = text.length;
    if (text[begin] === '"') {
      let close = begin + 1;
      for (;;) {
        close = text.indexOf('"', close);
        if (close < 0) return 'a quote is not closed';
        if (text[close + 1] !== '"') break;
        close += 2; // two stand for one
      }
      end = skipBlanks(text, close + 1, delimiter);
      if (end < text.length && text[end] !== delimiter) return 'a field goes on behind its closing quote';
      fields.push(text.slice(begin + 1, close).replaceAll('""', '"'));
    } else {
      const field = text.slice(begin, end).trim();
      if (field.includes('"')) return 'a quote stands inside of a field that has none around it';
      fields.push(field);
    }
    if (end >= text.length) return fields;
    at = end;
  }
}

function skipBlanks(text: string, from: number, delimiter: string): number {
  let at = from;
  while ((text[at] === ' ' || text[at] === '\t') && text[at] !== delimiter) at++;
  return at;
}

/** A line of nothing but tabs, where tabs separate, is a record of missing values. */
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
