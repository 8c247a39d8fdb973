/** Rows of cells as lines of text, the names of the columns first. Columns of words are flush left, of numbers right. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isText = (column: number) => /[a-z]/.test(rows[1]?.[column] ?? '');
  const line = (row: readonly string[]) =>
    row.map((cell, k) => (isText(k) ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
