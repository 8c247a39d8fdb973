import { describe, expected, GatecastError } from '../base/errors.ts';
import { annotatedTable, beginsTable } from './csv-annotated.ts';
import { cellsOf, hasOddQuotes, isRuler, isUnderline } from './csv-cells.ts';
import { commentHeader, commentMark } from './csv-comments.ts';
import { clearest, DELIMITERS, SeveralDelimiters } from './csv-delimiter.ts';
import { frameOf } from './csv-frames.ts';
import { type Found, findTable, type HeadLine } from './csv-header.ts';
import { unitInName } from './csv-units.ts';
import type { TextLine } from './text-lines.ts';

/** How a CSV file is written, and where its table begins. */
export interface CsvLayout {
  /** ' ' stands for runs of blanks and tabs. */
  delimiter: string;
  /** The line of the header, from 1. */
  headerLine: number;
  /** The first line that can be a row. */
  firstRow: number;
  /** The fields of a line; with a trailing delimiter one more than there are columns. */
  width: number;
  /** True if every row ends with a delimiter. */
  trailing: boolean;
  /** The fields of the header as they are written. */
  header: readonly string[];
  /** For each column, which field of a line it is. */
  fields: readonly number[];
  /** The name of each column, all different. */
  names: readonly string[];
  units: readonly (string | undefined)[];
  /** The names that more than one column has in the file: all but the first have a number after it. */
  repeated: readonly string[];
  /** What a line that is a comment begins with. */
  comment: string;
  /** True if every line that begins so is a comment: the file has such lines before its rows. */
  commented: boolean;
  /** What an annotated CSV of InfluxDB says about each column. */
  annotations: CsvAnnotations | undefined;
  encoding: string;
  /** What was found, as sentences. */
  notes: readonly string[];
}

export interface CsvAnnotations {
  /** Such as 'double' and 'dateTime:RFC3339'. */
  datatypes: readonly (string | undefined)[];
  /** True for a column with the same value in all rows of a table. */
  groups: readonly boolean[];
  /** What an empty field means. */
  defaults: readonly string[];
}

/** Most columns: no table of sensors is wider, and each column costs work. */
const MAX_COLUMNS = 65_536;
const MOST_NOTES = 10;

/**
 * Finds the layout of a CSV file from its first lines, and the delimiter unless it is `given`. Throws `invalid-data`,
 * naming the line and the cause, if there is no header or it cannot be told; `SeveralDelimiters` if nothing decides.
 */
export function findLayout(lines: readonly TextLine[], name: string, encoding: string, given?: string): CsvLayout {
  const head = lines.filter(({ text }) => text.trim() !== '' && !isRuler(text.trim()));
  const declared = /^"?sep=(.|\\t)"?$/i.exec(head[0]?.text ?? '')?.[1];
  if (declared !== undefined) head.shift();
  const first = head[0];
  if (!first) throw new GatecastError('invalid-data', `Expected a header line in ${name} but it is empty.`);
  checkWidth(head, name);
  if (beginsTable(first.text)) return layoutOf(annotatedTable(joined(head), name), '#', true, name, encoding);
  const frame = frameOf(head);
  if (frame) {
    const layout = findLayout(frame.lines, name, encoding, given ?? declared);
    return {
      ...layout,
      firstRow: Math.max(layout.firstRow, frame.firstRow),
      units: frame.units ? layout.fields.map((field) => frame.units![field] || undefined) : layout.units,
      notes: [frame.note, ...layout.notes],
    };
  }
  const mark = commentMark(head);
  const plain = joined(mark === undefined ? head : head.filter(({ text }) => !text.startsWith(mark)));
  const find = (delimiter: string, least: number) => {
    const found = findTable(plain, delimiter, least);
    const inComment = found && !found.header && mark !== undefined ? commentHeader(head, mark, found) : undefined;
    if (!found || !inComment) return found;
    const note = `The comment in line ${inComment.number} is taken for the names of the columns.`;
    return { ...found, header: inComment, notes: [...found.notes, note] };
  };
  const only = given ?? (declared === '\\t' ? '\t' : declared);
  const best = bestOf(only === undefined ? DELIMITERS : [only], (delimiter) => find(delimiter, 2), plain);
  if (best.length > 1) throw new SeveralDelimiters(best, name);
  const underline = best.length === 0 ? head.find(({ text }) => isUnderline(text.trim())) : undefined;
  if (underline) throw fixedWidth(underline, name);
  const found = best[0] ?? find(only ?? ',', 1);
  if (found === undefined) throw noRows(first, name);
  if (found.header === undefined) throw noHeader(found, name);
  return layoutOf(found, mark ?? '#', mark !== undefined, name, encoding);
}

/**
 * The table on which most lines agree, with a header first; several if nothing decides between their delimiters. Blanks
 * are in times and names too, and come last.
 */
function bestOf(
  delimiters: readonly string[],
  find: (delimiter: string) => Found | undefined,
  head: readonly HeadLine[],
): readonly Found[] {
  let best: Found[] = [];
  for (const delimiter of delimiters) {
    const [first] = best;
    if (delimiter === ' ' && first && (rankOf(first) === 2 || first.count * 2 > head.length)) break;
    const found = find(delimiter);
    if (!found || (delimiter === ' ' && (rankOf(found) < 2 || found.count * 2 <= head.length))) continue;
    const more = first ? rankOf(found) - rankOf(first) || found.count - first.count : 1;
    if (more > 0) best = [found];
    else if (more === 0) best.push(found);
  }
  // Of tables of nothing but text, or without names, the first is as good as any.
  return best[0] && rankOf(best[0]) === 2 ? clearest(best, head) : best.slice(0, 1);
}

/** 2 for a table with names and rows, 1 for one of nothing but text, 0 for one without names. */
function rankOf({ header, row }: Found): number {
  if (!header) return 0;
  return header.number === row.number ? 1 : 2;
}

/** Lines with a quoted field that goes on in the next line are one. */
function joined(head: readonly TextLine[]): HeadLine[] {
  const lines: HeadLine[] = [];
  for (let i = 0; i < head.length; i++) {
    const { number, text } = head[i]!;
    const end = opensQuote(text) ? head.findIndex((line, k) => k > i && hasOddQuotes(line.text)) : -1;
    const texts = end < 0 ? [text] : head.slice(i, end + 1).map((line) => line.text);
    lines.push({ number, text: texts.join('\n'), next: number + texts.length, open: end < 0 && opensQuote(text) });
    i += texts.length - 1;
  }
  return lines;
}

/** True if a quote is not closed in its line and begins a field there. */
function opensQuote(text: string): boolean {
  let begin = 0;
  let closed = -2;
  let open = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    if (open) closed = at;
    else if (at !== closed + 1) begin = at; // or else it is the second of a pair that stands for one
    open = !open;
  }
  if (!open) return false;
  const before = text.slice(0, begin).trimEnd();
  return before === '' || before.length < begin || /[,;\t|]$/.test(before);
}

function layoutOf(found: Found, comment: string, commented: boolean, name: string, encoding: string): CsvLayout {
  const { delimiter, width, trailing, annotations } = found;
  const header = found.header!;
  if (header.open) {
    const message = `Expected well-formed CSV in line ${header.number} of ${name}: a quote is not closed.`;
    throw new GatecastError('invalid-data', message);
  }
  const fields = found.fields ?? [...header.cells.keys()];
  const given = fields.map((field) => header.cells[field]!.replace(/\s+/g, ' '));
  const { names, repeated, notes } = distinct(given);
  const units = fields.map((field, i) => found.units?.[field] || unitInName(given[i]!));
  return {
    delimiter,
    headerLine: header.number,
    firstRow: found.firstRow,
    width,
    trailing,
    header: header.cells,
    fields,
    names,
    units,
    repeated,
    comment,
    commented,
    annotations: annotations && {
      datatypes: fields.map((field) => annotations.datatypes[field]),
      groups: fields.map((field) => annotations.groups[field] ?? false),
      defaults: fields.map((field) => annotations.defaults[field] ?? ''),
    },
    encoding,
    notes: [...found.notes, ...notes],
  };
}

/** Gives each column a name of its own. */
function distinct(given: readonly string[]) {
  const names: string[] = [];
  const notes: string[] = [];
  const repeated = new Set<string>();
  const taken = new Set(given);
  const used = new Set<string>();
  /** The next number for a name, so that many of the same do not take long. */
  const numbers = new Map<string, number>();
  for (const [i, one] of given.entries()) {
    const bare = one || `column ${i + 1}`;
    let name = bare;
    if (used.has(name)) {
      repeated.add(name);
      let number = numbers.get(bare) ?? 2;
      do name = `${bare} ${number++}`;
      while (used.has(name) || taken.has(name));
      numbers.set(bare, number);
      notes.push(
        `Column ${i + 1} is called ${describe(name)}, because a column before it is called ${describe(bare)}.`,
      );
    }
    used.add(name);
    names.push(name);
  }
  if (notes.length > MOST_NOTES) {
    notes.splice(MOST_NOTES, Number.POSITIVE_INFINITY, `${notes.length - MOST_NOTES} more names occur more than once.`);
  }
  return { names, repeated: [...repeated], notes };
}

function checkWidth(head: readonly TextLine[], name: string): void {
  for (const { number, text } of head) {
    if (text.length < MAX_COLUMNS) continue;
    if (!/[\t;|,]/.test(text)) {
      const count = countBlanks(text) + 1;
      if (count > MAX_COLUMNS) throw tooMany(number, count, name);
      continue;
    }
    for (const delimiter of ['\t', ';', '|', ',']) {
      let count = 1;
      for (let at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, at + 1)) count++;
      if (count <= MAX_COLUMNS) continue;
      throw tooMany(number, count, name);
    }
  }
}

/** How many runs of blanks are within a text. */
function countBlanks(text: string): number {
  let count = 0;
  const last = text.trimEnd().length - 1;
  for (let at = text.indexOf(' '); at >= 0 && at < last; at = text.indexOf(' ', at + 1)) {
    if (text[at + 1] !== ' ' && at > 0) count++;
  }
  return count;
}

function tooMany(line: number, count: number, name: string): GatecastError {
  const message = `Expected at most ${MAX_COLUMNS} columns in line ${line} of ${name} but received ${count}.`;
  return new GatecastError('invalid-data', message);
}

function fixedWidth({ number }: TextLine, name: string): GatecastError {
  const what = `Expected columns with a delimiter in ${name} but they have a fixed width, as line ${number} shows`;
  return new GatecastError('invalid-data', `${what}: write them with one, such as sqlcmd -W -s ','.`);
}

function noRows(line: TextLine, name: string): GatecastError {
  return new GatecastError(
    'invalid-data',
    `${expected('a header line with column names', `line ${line.number} of ${name}`, line.text)} It has only comments.`,
  );
}

/** Why there is no header: the line above the rows has another number of fields, or there is none. */
function noHeader({ row, above, width, delimiter }: Found, name: string): GatecastError {
  if (above !== undefined) {
    const count = cellsOf(above.text, delimiter).length;
    const what = `Expected ${width} column names in line ${above.number} of ${name}`;
    return new GatecastError(
      'invalid-data',
      `${what}, one for each field of line ${row.number} below it, but received ${count}: ${describe(above.text)}.`,
    );
  }
  const sentence = expected('a header line with column names', `line ${row.number} of ${name}`, row.text);
  return new GatecastError('invalid-data', `${sentence} Write the names of the columns in a line above it.`);
}
