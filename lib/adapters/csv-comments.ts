import { cellsOf, kindOfCell } from './csv-cells.ts';
import type { Found, Header } from './csv-header.ts';
import type { TextLine } from './text-lines.ts';
import { partOf } from '../reading/names.ts';
import { unitUnder } from './csv-units.ts';

const MARKS = ['#', '//', '%', ';'];

/** The name of a first column: `#,time,temp`. */
const NAMED = /^(?:#|%|\/\/)\s*[,;\t|]/;

/** True for a line above the header that is a comment, as far as one line can show it. */
export function isComment(line: string): boolean {
  return /^(?:#|%|\/\/)/.test(line) && !NAMED.test(line);
}

/** What the comments among these lines begin with; undefined if there are none. */
export function commentMark(lines: readonly TextLine[]): string | undefined {
  const first = lines[0]!.text;
  const mark =
    MARKS.find((one) => first.startsWith(one)) ??
    MARKS.find((one) => one !== ';' && lines.some(({ text }) => text.startsWith(one)));
  if (mark === undefined) return undefined;
  if (NAMED.test(first)) return undefined;
  // An empty first field: `;temp;flow`.
  if (mark === ';' && lines.some(({ text }) => text.replace(/^;+/, '').includes(';'))) return undefined;
  // A column of such words: every line but the header begins so.
  const rows = first.startsWith(mark) ? lines : lines.slice(1);
  const every = rows.length > 0 && rows.every(({ text }) => text.startsWith(mark));
  return every && rows.length < lines.length ? undefined : mark;
}

/** The names of the columns in the last comment above the rows, as NumPy and gnuplot have them. */
export function commentHeader(lines: readonly TextLine[], mark: string, { row, width, delimiter }: Found) {
  const [above, line] = lines.filter(({ number }) => number < row.number).slice(-2);
  const namesOf = ({ text, number }: TextLine): Header | undefined => {
    if (!text.startsWith(mark)) return undefined;
    const cells = cellsOf(text.slice(mark.length).replace(/^[#%/; \t]*(?:Fields:\s*)?/i, ''), delimiter);
    const isNames = cells.length === width && cells.every((cell) => kindOfCell(cell) === 'text');
    return isNames ? { number, cells, open: false } : undefined;
  };
  const last = (line ?? above) && namesOf((line ?? above)!);
  // Buoys write the units in a comment below that with the names.
  const hasUnits = last?.cells.every((cell) => unitUnder(cell) !== undefined || partOf(cell) >= 0);
  return (hasUnits && line && namesOf(above!)) || last;
}
