import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { expected, GatecastError } from '../base/errors.ts';
import { isAnnotation } from './csv-annotated.ts';
import { cellsOf, hasOddQuotes, isRuler, kindOfCell, splitPlain } from './csv-cells.ts';
import type { CsvLayout } from './csv-layout.ts';
import { unitUnder } from './csv-units.ts';
import type { TextRecord } from './records.ts';
import type { TextLine } from './text-lines.ts';

const MINUS = 45;
/** Lines of a quoted field: more are a quote that is not closed. */
const MOST_QUOTED_LINES = 65_536;

/**
 * The rows of a CSV file from its lines. A quoted field may contain line ends. Comments, blank lines and headers that
 * are repeated are left out. A record has a field for each column of the layout.
 */
export class CsvRecords {
  readonly #layout: CsvLayout;
  readonly #name: string;
  readonly #maxLineBytes: number;
  /** The lines so far of a record with an open quote, their total length, and the line it begins on. */
  #open: { line: number; texts: string[]; length: number } | undefined;
  /** What csv-parse is to split, by the place among the records. */
  #quoted: { place: number; line: number; text: string }[] = [];
  #comments = 0;
  #headers = 0;
  /** Whether annotations came last, and the records below annotations, which are headers. */
  #annotated = false;
  readonly #below = new Set<TextRecord>();
  /** Lines that come after a blank one, of records that are not checked yet. */
  readonly #afterBlank = new Set<number>();
  #isAfterBlank = false;
  #hasRows = false;
  /** The lines so far of what may stand below the table, and why they would be refused among its rows. */
  #footer: { first: number; last: number; error: GatecastError } | undefined;
  /** Whether the header came last, below which the units may come again too. */
  #afterHeader = false;
  /** For each column, which field of a line it is; undefined if all fields are columns. */
  #fields: readonly number[] | undefined;

  constructor(layout: CsvLayout, name: string, maxLineBytes: number) {
    this.#layout = layout;
    this.#name = name;
    this.#maxLineBytes = maxLineBytes;
    this.#fields = isAll(layout.fields, layout.width) ? undefined : layout.fields;
  }

  /** Lines of comments between the rows so far. */
  get comments(): number {
    return this.#comments;
  }

  /** The first and the last line of a text below the table, such as a legend. */
  get footer(): readonly [number, number] | undefined {
    return this.#footer && [this.#footer.first, this.#footer.last];
  }

  /** How often the header has come again so far. */
  get headers(): number {
    return this.#headers;
  }

  /** Returns the records that end in these lines. Throws `invalid-data`, naming the line. */
  push(lines: readonly TextLine[]): TextRecord[] {
    const { delimiter, firstRow, comment, annotations } = this.#layout;
    const mark = comment.charCodeAt(0);
    const records: TextRecord[] = [];
    for (const { number, text } of lines) {
      if (number < firstRow) continue;
      if (this.#open || text.includes('"')) {
        this.#pushQuoted(number, text, records);
        continue;
      }
      if (text.charCodeAt(0) <= 0x20 || text === '') {
        if (isBlank(text, delimiter)) {
          this.#isAfterBlank = true;
          continue;
        }
      } else if ((text.charCodeAt(1) === MINUS || delimiter === '|') && isRuler(text.trim())) {
        continue;
      } else if (text.charCodeAt(0) === mark && this.#isComment(text)) {
        if (annotations && isAnnotation(text)) this.#annotated = true;
        continue;
      }
      this.#add({ line: number, fields: splitPlain(text, delimiter) }, records);
    }
    if (this.#quoted.length > 0) this.#splitQuoted(records);
    return this.#checked(records);
  }

  /** Throws `invalid-data` if a quote is still open. */
  end(): void {
    if (this.#open) throw this.#malformed(this.#open.line, MISTAKES['CSV_QUOTE_NOT_CLOSED']!);
  }

  #isComment(text: string): boolean {
    const { comment, commented, delimiter, width } = this.#layout;
    if (!text.startsWith(comment)) return false;
    const isComment = commented || cellsOf(text, delimiter).length !== width;
    if (isComment && !(this.#layout.annotations && isAnnotation(text))) this.#comments++;
    return isComment;
  }

  /** Takes a line with quotes, or within a quoted field. */
  #pushQuoted(number: number, text: string, records: TextRecord[]): void {
    if (!this.#open && text.startsWith(this.#layout.comment) && this.#isComment(text)) return;
    const closes = this.#open === undefined ? !hasOddQuotes(text) : hasOddQuotes(text);
    const open = (this.#open ??= { line: number, texts: [], length: 0 });
    open.texts.push(text);
    open.length += text.length + 1;
    if (open.length > this.#maxLineBytes || open.texts.length > MOST_QUOTED_LINES) this.end();
    if (!closes) return;
    this.#open = undefined;
    const whole = open.texts.length === 1 ? text : open.texts.join('\n');
    this.#quoted.push({ place: records.length, line: open.line, text: whole });
    this.#add({ line: open.line, fields: [] }, records);
  }

  #add(record: TextRecord, records: TextRecord[]): void {
    records.push(record);
    if (this.#isAfterBlank) this.#afterBlank.add(record.line);
    this.#isAfterBlank = false;
    if (!this.#annotated) return;
    this.#annotated = false;
    this.#below.add(record);
  }

  #splitQuoted(records: TextRecord[]): void {
    const { delimiter } = this.#layout;
    if (delimiter === ' ') {
      for (const { place, text } of this.#quoted) records[place]!.fields = cellsOf(text, ' ');
    } else {
      const split = this.#parse(this.#quoted);
      for (const [i, { place }] of this.#quoted.entries()) records[place]!.fields = split[i]!;
    }
    this.#quoted = [];
  }

  /** Parses all records at once, which is many times as fast as one by one. */
  #parse(texts: readonly { line: number; text: string }[]): string[][] {
    try {
      return parse(texts.map(({ text }) => text).join('\n'), parserOptions(this.#layout));
    } catch (cause) {
      if (!(cause instanceof CsvError)) throw cause;
      if (texts.length > 1) return texts.flatMap((text) => this.#parse([text])); // names the line
      throw this.#malformed(texts[0]!.line, MISTAKES[cause.code] ?? cause.message, cause);
    }
  }

  #checked(records: TextRecord[]): TextRecord[] {
    const { width, trailing, header } = this.#layout;
    let leftOut = false;
    for (const record of records) {
      const { fields } = record;
      const mayBe = (fields[0] === header[0] && fields[header.length - 1] === header.at(-1)) || this.#below.size > 0;
      if ((mayBe && this.#isHeader(record)) || (this.#afterHeader && this.#isDescription(record))) {
        record.line = 0;
        leftOut = true;
        continue;
      }
      if (fields.length !== width && !(trailing && fields.length === width - 1)) {
        this.#addToFooter(record);
        record.line = 0;
        leftOut = true;
        continue;
      }
      if (this.#footer) throw this.#footer.error;
      this.#hasRows = true;
      if (trailing && fields.length === width && fields[width - 1] !== '') {
        const what = expected(
          'nothing',
          `the field behind the last name in line ${record.line} of ${this.#name}`,
          fields[width - 1],
        );
        throw new GatecastError('invalid-data', what);
      }
      if (this.#fields) record.fields = this.#columnsOf(fields, this.#fields);
    }
    this.#afterBlank.clear();
    return leftOut ? records.filter(({ line }) => line > 0) : records;
  }

  /**
   * Takes a record with a wrong number of fields for a text below the table, if it is the first line of one or follows
   * one: text without a delimiter, or below a blank line. Throws `invalid-data` for any other.
   */
  #addToFooter({ line, fields }: TextRecord): void {
    if (this.#footer) {
      this.#footer.last = line;
      return;
    }
    const message = `Expected ${this.#layout.width} fields in line ${line} of ${this.#name} but received ${fields.length}.`;
    const error = new GatecastError('invalid-data', message);
    const isText = this.#hasRows && kindOfCell(fields[0]!) === 'text';
    if (!isText || (fields.length > 1 && !this.#afterBlank.has(line))) throw error;
    this.#footer = { first: line, last: line, error };
  }

  #columnsOf(fields: readonly string[], which: readonly number[]): string[] {
    const defaults = this.#layout.annotations?.defaults;
    return which.map((field, i) => fields[field] || defaults?.[i] || '');
  }

  /** Whether a record is the header again. Throws `invalid-data` for the header of another table. */
  #isHeader(record: TextRecord): boolean {
    const { header, headerLine, fields, width } = this.#layout;
    const must = this.#below.delete(record);
    const order = orderOf(header, record.fields);
    if (order === undefined) {
      if (!must) return false;
      const what = `the columns of line ${headerLine} also in line ${record.line} of ${this.#name}`;
      const message = `Expected ${what} but it begins a table of others: read them from separate files.`;
      throw new GatecastError('invalid-data', message);
    }
    this.#headers++;
    this.#afterHeader = true;
    const which = fields.map((field) => order[field]!);
    this.#fields = isAll(which, width) ? undefined : which;
    return true;
  }

  /** Whether the record after a header is the line of units again. */
  #isDescription({ fields }: TextRecord): boolean {
    this.#afterHeader = false;
    const { firstRow, headerLine, annotations } = this.#layout;
    if (firstRow === headerLine + 1 || annotations) return false;
    return (
      fields.every((field) => unitUnder(field) !== undefined) && fields.some((field) => kindOfCell(field) === 'text')
    );
  }

  #malformed(line: number, what: string, cause?: unknown): GatecastError {
    return new GatecastError('invalid-data', `Expected well-formed CSV in line ${line} of ${this.#name}: ${what}.`, {
      cause,
    });
  }
}

/** Messages by the error code of csv-parse, whose own messages count lines from the start of the text it is given. */
const MISTAKES: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: 'a field continues after its closing quote',
  CSV_QUOTE_NOT_CLOSED: 'a quote is not closed',
  INVALID_OPENING_QUOTE: 'a quote is inside a field that is not quoted',
};

function parserOptions({ delimiter }: CsvLayout) {
  // The `trim` of csv-parse would take the tab after an empty first field for a blank.
  const blanks =
    delimiter === '\t' ? { on_record: (fields: string[]) => fields.map((field) => field.trim()) } : { trim: true };
  return { delimiter, ...blanks, relax_column_count: true, record_delimiter: '\n' };
}

/** True for a blank line. A line of tabs is not blank if tabs separate: it is a record of missing values. */
function isBlank(text: string, delimiter: string): boolean {
  if (text === '\x1a') return true; // the mark of the end that DOS wrote
  return text.trim() === '' && (delimiter === ' ' || !text.includes(delimiter));
}

function isAll(fields: readonly number[], width: number): boolean {
  return fields.length === width && fields.every((field, i) => field === i);
}

/** For each field of `header`, where it is in `other`; undefined if the two do not hold the same. */
function orderOf(header: readonly string[], other: readonly string[]): number[] | undefined {
  if (other.length < header.length || other.slice(header.length).some(Boolean)) return undefined;
  if (header.every((cell, i) => other[i] === cell)) return [...header.keys()];
  const places = new Map(other.map((cell, i) => [cell, i]));
  const order = header.map((cell) => places.get(cell) ?? -1);
  return new Set(order).size === header.length && !order.includes(-1) ? order : undefined;
}
