import { cellsOf } from './csv-cells.ts';
import type { TextLine } from './text-lines.ts';

/** A table whose lines between the names and the rows, or above both, are of a program's own. */
export interface Frame {
  /** The line of the names and those of the rows. */
  lines: readonly TextLine[];
  firstRow: number;
  /** The unit of each field, if there is a line of them. */
  units?: readonly string[];
  note: string;
}

/** The last line of what LabVIEW writes before a table. */
const LABVIEW_END = '***End_of_Header***';
const IGNITION = /^"?#(NAMES|TYPES|ROWS)"?(?:,|$)/;
/** Rigol's oscilloscopes write names and units of channels, and beside them the start and the step of the time. */
const SCOPE = [/^X,(?:CH|D|MATH|REF)\d*,/i, /^Sequence,/i] as const;

/** The table in what LabVIEW, Ignition and oscilloscopes of Rigol write; undefined for any other file. */
export function frameOf(head: readonly TextLine[]): Frame | undefined {
  const end = head.findLastIndex(({ text }) => text.startsWith(LABVIEW_END));
  if (end >= 0) return skipped(head, end + 1, []);
  if (IGNITION.exec(head[0]!.text)?.[1] === 'NAMES') {
    const rows = head.findIndex(({ text }) => IGNITION.exec(text)?.[1] === 'ROWS');
    return rows < 2 ? undefined : skipped(head, rows + 1, [head[1]!]);
  }
  const [names, units, row] = head;
  if (!row || !SCOPE[0].test(names!.text) || !SCOPE[1].test(units!.text)) return undefined;
  const [, ...channels] = cellsOf(units!.text, ',');
  return {
    lines: [names!, ...head.slice(2)],
    firstRow: row.number,
    units: ['', ...channels.map((unit) => (/^[A-Za-z]+$/.test(unit) ? unit : ''))],
    note: `Line ${units!.number} under the header is no row: the units of the columns.`,
  };
}

/** The rows from this index on, below these names if there are any. */
function skipped(head: readonly TextLine[], rows: number, names: readonly TextLine[]): Frame | undefined {
  const first = head[rows];
  if (!first) return undefined;
  const to = head[rows - 1]!.number;
  const note = `Lines 1 to ${to} before the ${names.length === 0 ? 'header' : 'rows'} are skipped${names.length === 0 ? '' : ', but for the names'}.`;
  return { lines: [...names, ...head.slice(rows)], firstRow: first.number, note };
}
