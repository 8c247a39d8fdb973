/** The key of a row by the fields of these columns; '' without columns. Several are joined with '/'. */
export function keyOf(fields: readonly string[], by: readonly number[]): string {
  if (by.length === 0) return '';
  if (by.length === 1) return fields[by[0]!]!;
  return by.map((index) => escaped(fields[index]!)).join('/');
}

/** So that no two rows of different fields get the same key. */
function escaped(field: string): string {
  return /[/\\]/.test(field) ? field.replaceAll(/[/\\]/g, '\\$&') : field;
}
