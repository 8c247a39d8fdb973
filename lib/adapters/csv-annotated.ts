import { GatecastError } from '../base/errors.ts';
import { cellsOf } from './csv-cells.ts';
import type { Found, HeadLine } from './csv-header.ts';

/** The header of a table without annotations. */
const BARE = /^([,;\t])result\1table\1/;
const ANNOTATION = /^"?#(group|datatype|default)"?([,;\t])/i;

/** True for a line that describes the columns of an annotated CSV, as InfluxDB writes it. */
export function isAnnotation(text: string): boolean {
  return ANNOTATION.test(text);
}

/** True for the first line of such a table, which may come without annotations. */
export function beginsTable(text: string): boolean {
  return isAnnotation(text) || BARE.test(text);
}

/** What surrounds the data: the name of the result, the number of its table, the range that was asked for. */
const AROUND = new Set(['', 'result', 'table', '_start', '_stop']);

/** The first table of an annotated CSV. Throws `invalid-data` if it has no header. */
export function annotatedTable(lines: readonly HeadLine[], name: string): Found {
  const first = lines[0]!;
  const delimiter = ANNOTATION.exec(first.text)?.[2] ?? first.text[0]!;
  const header = lines.find(({ text }) => !text.startsWith('#') && !text.startsWith('"#'));
  if (!header) {
    const message = `Expected a header line below the annotations in line ${first.number} of ${name} but found none.`;
    throw new GatecastError('invalid-data', message);
  }
  const above = lines.filter(({ number, text }) => number < header.number && isAnnotation(text));
  const rowOf = (kind: string) =>
    above.map(({ text }) => cellsOf(text, delimiter)).find(([word]) => word!.toLowerCase() === `#${kind}`) ?? [];
  const cells = cellsOf(header.text, delimiter);
  if (cells.includes('error') && cells.length <= 3) {
    const message = `Expected a table in ${name} but it holds the error of a query: see line ${header.number + 1}.`;
    throw new GatecastError('invalid-data', message);
  }
  const isData = (cell: string, i: number) =>
    !(i === 0 && cell === '') && !(AROUND.has(cell) && (cell[0] !== '_' || cells.includes('_time')));
  const fields = [...cells.keys()].filter((i) => isData(cells[i]!, i));
  const left = cells.filter((cell, i) => cell !== '' && !isData(cell, i));
  return {
    delimiter,
    width: cells.length,
    count: lines.length,
    trailing: false,
    header: { number: header.number, cells, open: header.open },
    firstRow: header.next,
    fields,
    row: header,
    annotations: {
      datatypes: rowOf('datatype'),
      groups: rowOf('group').map((word) => word.toLowerCase() === 'true'),
      defaults: rowOf('default'),
    },
    notes: left.length === 0 ? [] : [`Left out of the annotated CSV: ${left.join(', ')}.`],
  };
}
