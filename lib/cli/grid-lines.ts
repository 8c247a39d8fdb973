import type { Grid } from '../report/page.ts';

/** A table as lines: the first column to the left, all others to the right. */
export function gridLines({ columns, rows }: Grid): string[] {
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((cells) => cells[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]! + 2))).join('');
  return [columns, ...rows].map(line);
}
