/** A Markdown table; columns of numbers are aligned to the right. */
export function markdownTable(head: string[], rows: string[][]): string {
  const numeric = head.map(
    (_, k) => rows.some((row) => /\d/.test(row[k]!)) && !rows.some((row) => /^[A-Z]{2,}/.test(row[k]!)),
  );
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(numeric.map((right) => (right ? '---:' : '---'))), ...rows.map(line)].join('\n');
}

/**
 * Puts each table between its marks, `<!-- bench: NAME -->` and `<!-- /bench -->`, and leaves the rest of the page
 * alone.
 */
export function fillIn(page: string, tables: Record<string, string>): string {
  return page.replace(
    /(<!-- bench: (\S+) -->)[\s\S]*?(<!-- \/bench -->)/g,
    (all, open: string, name: string, close) => {
      const table = tables[name];
      return table === undefined ? all : `${open}\n\n${table}\n\n${close}`;
    },
  );
}
