import { isMissing } from '../reading/missing.ts';

/** What one field looks like, without regard to the others of its column. */
export type CellKind = 'missing' | 'number' | 'time' | 'text';

/** No number or time is longer, and the forms below would take long to be tried. */
const LONGEST = 64;

const NUMBER =
  /^[+-]?0(?:x[\da-f]+|b[01]+)$|^[€$£]?\s*[+-]?[\d.,' \u00a0\u202f]*\d[\d.,' \u00a0\u202f]*(?:[ed][+-]?\d+)?-?\s*[%€$£]?$/i;
const TIME = [
  /^\d{1,4}([-/.\\])\s?\d{1,2}\1\s?\d{1,4}(?!\d)/, // 2024-01-31, 31.01.2024, 1/31/24
  /^\d{4} \d\d \d\d(?!\d)/,
  /^\d{4}[-/]\d{1,2}$/, // 2024-01
  /^\d{4}-?(?:\d{3}|W\d\d-?\d)(?:T|$)/, // 2024-031, 2024-W05-3
  /^\d{8}[T_-]\d{4}/, // 20240131_1500
  /^\d{1,2}:\d(?:\d|:\d)/,
  /^\d{1,2}[- ]?[a-z]{3,9}\.?[- ,]+\d{2,4}/i, // 31-Jan-24
  /^(?:[a-z]{3,9},? )?[a-z]{3,9}\.? \d{1,2},? \d{2,4}/i, // Jan 31, 2024
];

/** Guesses roughly: enough to tell rows from the lines above them. */
export function kindOfCell(cell: string): CellKind {
  if (cell.length > LONGEST) return 'text';
  if (isMissing(cell)) return 'missing';
  if (TIME.some((form) => form.test(cell))) return 'time';
  return NUMBER.test(cell) ? 'number' : 'text';
}

/**
 * The fields of a line without their quotes, also of a line that no strict reader takes. Blanks as a delimiter are runs
 * of blanks and tabs.
 */
export function cellsOf(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return splitPlain(line, delimiter);
  const cells: string[] = [];
  const separator = delimiter === ' ' ? /[ \t]+/y : undefined;
  let at = 0;
  for (;;) {
    while (at < line.length && isBlank(line, at) && line[at] !== delimiter) at++;
    let cell = '';
    if (line[at] === '"') {
      at++;
      while (at < line.length && (line[at] !== '"' || line[at + 1] === '"')) {
        if (line[at] === '"') at++;
        cell += line[at++];
      }
      at++;
    }
    const end = delimiter === ' ' ? nextBlank(line, at) : line.indexOf(delimiter, at);
    cells.push((cell + line.slice(at, end < 0 ? undefined : end)).trim());
    if (end < 0) return cells;
    at = end + 1;
    if (separator) {
      separator.lastIndex = end;
      at = end + separator.exec(line)![0].length;
      if (at === line.length) return cells;
    }
  }
}

/** The fields of a line without quotes. */
export function splitPlain(line: string, delimiter: string): string[] {
  if (delimiter === ' ') return line.trim().split(/[ \t]+/);
  const cells = line.split(delimiter);
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]!;
    // `trim` costs more than a look at the ends, where blanks are rare.
    if (isOuter(cell.charCodeAt(0)) || isOuter(cell.charCodeAt(cell.length - 1))) cells[i] = cell.trim();
  }
  return cells;
}

/** True for a line that databases and Markdown draw around their tables: `-----+-----` and `| :--- | ---: |`. */
export function isRuler(line: string): boolean {
  if (!/[+|]/.test(line)) return false;
  return /^[+|]?-[-+|]+$/.test(line) || (/^[-+|: ]+$/.test(line) && line.includes('---'));
}

/** True for a line that programs draw under the names of columns of a fixed width: `-------- -----`. */
export function isUnderline(line: string): boolean {
  return /^-{2,}(?: +-{2,})+$/.test(line);
}

/** True for an odd number of quotes. */
export function hasOddQuotes(text: string): boolean {
  let odd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) odd = !odd;
  return odd;
}

/** True for all that `trim` takes off, and a little more. */
function isOuter(code: number): boolean {
  return code <= 0x20 || code >= 0xa0;
}

function isBlank(line: string, at: number): boolean {
  return line[at] === ' ' || line[at] === '\t';
}

function nextBlank(line: string, from: number): number {
  for (let at = from; at < line.length; at++) if (isBlank(line, at)) return at;
  return -1;
}
