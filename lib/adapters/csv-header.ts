import { type CellKind, cellsOf, kindOfCell } from './csv-cells.ts';
import type { CsvAnnotations } from './csv-layout.ts';
import type { TextLine } from './text-lines.ts';
import { unitUnder } from './csv-units.ts';

/** A line of the head, or several if a quoted field holds line ends. */
export interface HeadLine extends TextLine {
  /** The number of the line after it. */
  readonly next: number;
  /** True if a quote is not closed. */
  readonly open: boolean;
}

export interface Header {
  readonly number: number;
  readonly cells: readonly string[];
  readonly open: boolean;
}

/** A table as it is with one delimiter. */
export interface Found {
  delimiter: string;
  /** Fields of most lines, and how many lines have as many. */
  width: number;
  count: number;
  trailing: boolean;
  header: Header | undefined;
  /** The unit in each field of the line under the header. */
  units?: readonly string[];
  firstRow: number;
  /** Which fields are columns; all if left out. */
  fields?: readonly number[];
  annotations?: CsvAnnotations;
  /** The first line that looks like a row, and the line above it that has no header's fields. */
  row: TextLine;
  above?: TextLine;
  notes: string[];
}

interface Line {
  readonly line: HeadLine;
  readonly cells: readonly string[];
  readonly kinds: readonly CellKind[];
}

/**
 * Finds the table among the first lines if `delimiter` separates the fields, of which a line has at least `least`.
 * Without a header it is undefined in the answer.
 */
export function findTable(head: readonly HeadLine[], delimiter: string, least = 2): Found | undefined {
  const lines = head.map((line): Line => {
    const cells = cellsOf(line.text, delimiter);
    return { line, cells, kinds: cells.map(kindOfCell) };
  });
  const width = commonWidth(lines, least);
  if (width === undefined) return undefined;
  const wide = lines.filter(({ cells }) => cells.length === width);
  const typed = typedColumns(wide, width);
  const first = wide.findIndex((line, i) => isRow(line, wide, typed) && isNextRow(wide, i));
  const base = { delimiter, width, count: wide.length, trailing: false, notes: [] };
  if (first < 0) {
    // Nothing but text: the first line is as good a header as any.
    const { line, cells } = wide[0]!;
    const before = head.indexOf(line);
    return { ...base, header: headerOf(line, cells), firstRow: line.next, row: line, notes: skippedNote(head, before) };
  }
  const row = wide[first]!.line;
  const at = head.indexOf(row);
  const block = blockAbove(lines, at, width);
  const named = namesIn(block, width);
  if (named < 0) return withoutBlock(base, head, lines, at, wide);
  const { line, cells } = block[named]!;
  const below = linesBelow(block, named, width);
  const units = below.find(isDescription)?.cells.map((cell) => unitUnder(cell) ?? '');
  const notes = [...skippedNote(head, head.indexOf(line)), ...belowNote(below, units?.some(Boolean) ?? false)];
  const trailing = width > 1 && cells.at(-1) === '' && wide.slice(first).every((one) => one.cells.at(-1) === '');
  return {
    ...base,
    trailing,
    header: headerOf(line, trailing ? cells.slice(0, -1) : cells),
    ...(units && { units }),
    firstRow: belowDashes(lines, (below.at(-1) ?? block[named]!).line),
    row,
    notes,
  };
}

/** The line after these, or after dashes that are drawn under them. */
function belowDashes(lines: readonly Line[], last: HeadLine): number {
  const under = lines[lines.findIndex(({ line }) => line === last) + 1];
  return under?.cells.every((cell) => /^-{3,}$/.test(cell)) ? under.line.next : last.next;
}

function headerOf({ number, open }: HeadLine, cells: readonly string[]): Header {
  return { number, cells, open };
}

function skippedNote(head: readonly HeadLine[], count: number): string[] {
  if (count <= 0) return [];
  const [from, to] = [head[0]!.number, head[count - 1]!.next - 1];
  return [
    from === to
      ? `Line ${from} before the header is skipped.`
      : `Lines ${from} to ${to} before the header are skipped.`,
  ];
}

function belowNote(below: readonly Line[], units: boolean): string[] {
  if (below.length === 0) return [];
  const numbers = below.map(({ line }) => line.number).join(' and ');
  const what =
    below.length === 1 ? `Line ${numbers} under the header is no row` : `Lines ${numbers} under the header are no rows`;
  return [`${what}${units ? ': the units of the columns' : ''}.`];
}

/** The most frequent number of fields; of several, that of the line that comes first. */
function commonWidth(lines: readonly Line[], least: number): number | undefined {
  const counts = new Map<number, number>();
  for (const { cells } of lines) {
    if (cells.length >= least) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  }
  return [...counts].reduce<[number, number] | undefined>((a, b) => (a && a[1] >= b[1] ? a : b), undefined)?.[0];
}

/** The kind of each column that holds numbers or times in its last lines; text for any other. */
function typedColumns(wide: readonly Line[], width: number): CellKind[] {
  // The header may come again, and the first lines may be many of a preamble.
  const once = [...new Map(wide.map((line) => [line.line.text, line])).values()];
  const last = once.slice(Math.floor((once.length * 2) / 3));
  return Array.from({ length: width }, (_, i) => {
    const count = { missing: 0, number: 0, time: 0, text: 0 };
    for (const { kinds } of last) count[kinds[i]!]++;
    if (count.number + count.time < count.text || count.number + count.time === 0) return 'text';
    return count.time > count.number ? 'time' : 'number';
  });
}

/**
 * True if the cells fit to the columns. A word in a column of numbers may stand for a missing value, but no row has one
 * in the column of its time.
 */
function isRow({ kinds, cells }: Line, wide: readonly Line[], typed: readonly CellKind[]): boolean {
  let fits = 0;
  let words = 0;
  for (const [i, kind] of kinds.entries()) {
    if (typed[i] === 'text' || kind === 'missing') continue;
    if (kind !== 'text') fits++;
    else if (typed[i] === 'time') return false;
    else words++;
  }
  if (fits === 0 || fits < words) return false;
  // Names such as 2019, 2020, 2021 beside others.
  return !(
    kinds.includes('text') &&
    isProgression(cells, kinds) &&
    !wide.some((other) => other.cells !== cells && isProgression(other.cells, other.kinds))
  );
}

/** Whether the numbers of a line, two or more, are whole and each one more than the one before. */
function isProgression(cells: readonly string[], kinds: readonly CellKind[]): boolean {
  const numbers = cells.filter((_, i) => kinds[i] === 'number').map(Number);
  return (
    numbers.length > 1 &&
    numbers.every((value, i) => Number.isInteger(value) && (i === 0 || value === numbers[i - 1]! + 1))
  );
}

/** A line of a preamble such as `Serial,42` is followed by words, a row perhaps by the header again. */
function isNextRow(wide: readonly Line[], i: number): boolean {
  const next = wide[i + 1];
  if (next === undefined || isEmpty(next) || hasValues(next)) return true;
  return wide.slice(0, i).some(({ line }) => line.text === next.line.text);
}

function isEmpty({ kinds }: Line): boolean {
  return kinds.every((kind) => kind === 'missing');
}

/** The lines straight above a row that have as many fields, without lines of missing values. */
function blockAbove(lines: readonly Line[], at: number, width: number): Line[] {
  let from = at;
  while (from > 0 && lines[from - 1]!.cells.length === width) from--;
  const block = lines.slice(from, at);
  while (block.length > 0 && isEmpty(block.at(-1)!)) block.pop();
  return block.filter((line) => !isEmpty(line));
}

/** Which line of a block holds the names; -1 if none can. */
function namesIn(block: readonly Line[], width: number): number {
  // Campbell Scientific's loggers begin with a line about themselves.
  if (block.length > 1 && /^TO(?:[AB]\d|ACI1)$/.test(block[0]!.cells[0]!)) return 1;
  const isFull = ({ cells, kinds }: Line) =>
    new Set(cells).size === width &&
    kinds.every((kind) => kind === 'text' || kind === 'number') &&
    kinds.filter((kind) => kind === 'text').length * 2 > width;
  // A line of a preamble may have two fields by chance, but hardly more.
  const full = width > 2 ? block.findIndex(isFull) : -1;
  if (full >= 0) return full;
  const last = block.findLastIndex(
    (line) => isNamed(line) && (width === 1 || !isDescription(line)) && !hasValues(line),
  );
  return last >= 0 ? last : block.findIndex(isNamed);
}

/** The lines under the names that describe them: units, how values were averaged. */
function linesBelow(block: readonly Line[], named: number, width: number): Line[] {
  const below = block.slice(named + 1);
  const end = below.findIndex((line) => !(isDescription(line) || (width > 2 && !hasValues(line))));
  return end < 0 ? below : below.slice(0, end);
}

function isDescription({ cells }: Line): boolean {
  return cells.every((cell) => unitUnder(cell) !== undefined);
}

function isNamed({ kinds }: Line): boolean {
  return kinds.includes('text');
}

function hasValues({ kinds }: Line): boolean {
  return kinds.some((kind) => kind === 'number' || kind === 'time');
}

/** The header of a table whose rows have a field more or less than the names, because of delimiters at their ends. */
function withoutBlock(
  base: Pick<Found, 'delimiter' | 'width' | 'count' | 'trailing' | 'notes'>,
  head: readonly HeadLine[],
  lines: readonly Line[],
  at: number,
  wide: readonly Line[],
): Found {
  const row = head[at]!;
  const above = lines[at - 1];
  const none: Found = { ...base, header: undefined, firstRow: row.number, row, ...(above && { above: above.line }) };
  if (!above) return none;
  const { width, delimiter } = base;
  const found = { ...none, notes: skippedNote(head, at - 1) };
  // A first row with a field too few or too many, which the reader of records refuses by its line.
  const named = hasValues(above)
    ? lines.slice(0, at - 1).findLast((one) => one.cells.length === width && isNamed(one) && !hasValues(one))
    : undefined;
  if (named) return { ...none, header: headerOf(named.line, named.cells), firstRow: named.line.next };
  if (!isNamed(above)) return none;
  const { cells, line } = above;
  if (cells.length === width - 1 && wide.every((one) => one.cells.at(-1) === '')) {
    return { ...found, trailing: true, header: headerOf(line, cells) };
  }
  if (cells.length === width + 1 && cells.at(-1) === '')
    return { ...found, header: headerOf(line, cells.slice(0, -1)) };
  if (cells.length === width - 1 && wide.every((one, i) => one.line.text.startsWith(`"${i + 1}"`))) {
    // R writes the numbers of the rows without a name.
    return { ...found, header: headerOf(line, ['', ...cells]) };
  }
  if (
    delimiter === ',' &&
    at === 1 &&
    cells.length === 1 &&
    wide.every((one) => /^[+-]?\d+,\d+$/.test(one.line.text.trim()))
  ) {
    // One column of numbers with a decimal comma.
    return { ...found, delimiter: ';', width: 1, header: headerOf(line, cells) };
  }
  return none;
}
