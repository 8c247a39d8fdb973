/** Formats a report for programs; numbers that JSON lacks become text. */
export function reportJson(file: string | undefined, report: object): string {
  const plain = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return `${JSON.stringify({ file, ...report }, plain, 2)}\n`;
}
