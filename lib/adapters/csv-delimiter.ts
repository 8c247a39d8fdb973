import { describe, GatecastError, misfit, optionText } from '../base/errors.ts';
import type { Check } from '../base/schema.ts';
import { isMissing } from '../reading/missing.ts';
import { NumberScan } from '../reading/number-scan.ts';
import { TimeScan } from '../reading/time-scan.ts';
import { cellsOf } from './csv-cells.ts';
import type { Found, HeadLine } from './csv-header.ts';

/** The delimiters that are tried, in this order; ' ' stands for runs of blanks and tabs. */
export const DELIMITERS = ['\t', ';', '|', ',', ' '];

export const checkDelimiter: Check<string> = (value, name) => {
  if (typeof value === 'string' && /^[^\p{L}\p{N}"\r\n\0]$/u.test(value)) return value;
  throw misfit('one character that is no letter, digit, quote or line end', name, value);
};

/** The error for lines that several delimiters split equally well. */
export class SeveralDelimiters extends GatecastError {
  readonly delimiters: readonly string[];

  /** `tables`: the same lines, split by each. */
  constructor(tables: readonly Found[], name: string) {
    const [first, second] = tables.map(({ delimiter, header }) => {
      return `${describe(delimiter)} (columns ${header!.cells.slice(0, 2).map(describe).join(' and ')})`;
    });
    const hint = `Use --delimiter ${optionText(tables[0]!.delimiter)} or another to say which.`;
    super(
      'invalid-data',
      `Expected one delimiter in ${name} but ${first} or ${second} may separate its fields. ${hint}`,
    );
    this.delimiters = tables.map(({ delimiter }) => delimiter);
  }
}

/**
 * Of tables on which as many lines agree, those that split the lines into numbers and times best: the others leave a
 * delimiter in their fields, which makes text of them. One table, or several between which nothing decides.
 */
export function clearest(tables: readonly Found[], head: readonly HeadLine[]): readonly Found[] {
  if (tables.length < 2) return tables;
  const shares = tables.map((table) => valueShare(table, head));
  const most = Math.max(...shares);
  return tables.filter((_, i) => shares[i] === most);
}

/** The share of columns whose fields are all numbers or times. */
function valueShare({ delimiter, width, firstRow }: Found, head: readonly HeadLine[]): number {
  const number = new NumberScan();
  const time = new TimeScan();
  const holdsValues = Array.from({ length: width }, () => true);
  for (const { number: line, text } of head) {
    if (line < firstRow) continue;
    const cells = cellsOf(text, delimiter);
    if (cells.length !== width) continue;
    for (const [i, cell] of cells.entries()) {
      holdsValues[i] &&= isMissing(cell) || number.scan(cell) || time.scan(cell);
    }
  }
  return holdsValues.filter(Boolean).length / width;
}
