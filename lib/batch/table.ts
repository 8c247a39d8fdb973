import { describe, expected, GatecastError, nearest } from '../errors.ts';

/** Samples in time order, one column per measured quantity, in the user's units. */
export interface Table {
  /** Column names, all different. */
  names: string[];
  /** One array per name, all of the same length; NaN where a value is missing. */
  columns: Float64Array[];
  /** One unit per name, where known. */
  units?: (string | undefined)[];
  /** Time of each row [ms since 1970, UTC]; NaN where unknown. */
  at?: Float64Array;
}

/** The number of rows of a table. */
export function rowCount(table: Table): number {
  return table.columns[0]?.length ?? 0;
}

/** Rows `from` (inclusive) to `to` (exclusive) as a view: nothing is copied. */
export function sliceRows(table: Table, from: number, to: number): Table {
  return {
    ...table,
    columns: table.columns.map((column) => column.subarray(from, to)),
    ...(table.at && { at: table.at.subarray(from, to) }),
  };
}

/** The columns called `names`, in that order. Throws `invalid-data` for a name the table lacks, with the nearest one. */
export function selectColumns(table: Table, names: readonly string[]): Table {
  const picked = names.map((name) => columnIndex(table, name));
  return {
    ...table,
    names: [...names],
    columns: picked.map((index) => table.columns[index]!),
    ...(table.units && { units: picked.map((index) => table.units![index]) }),
  };
}

/** The position of the column called `name`. Throws `invalid-data` when there is none. */
export function columnIndex(table: Table, name: string): number {
  const index = table.names.indexOf(name);
  if (index >= 0) return index;
  const guess = nearest(name, table.names);
  const hint = guess ? ` Did you mean ${describe(guess)}?` : '';
  throw new GatecastError('invalid-data', `Expected a column ${describe(name)} among ${list(table.names)}.${hint}`);
}

/** The median time between rows [ms], or null when the table has no times. */
export function medianInterval(table: Table): number | null {
  const steps: number[] = [];
  for (let row = 1; row < (table.at?.length ?? 0); row++) {
    const step = table.at![row]! - table.at![row - 1]!;
    if (step > 0) steps.push(step);
  }
  steps.sort((a, b) => a - b);
  return steps[steps.length >> 1] ?? null;
}

/** Checks names, lengths and types of a table coming from outside. Throws `invalid-data`. */
export function checkTable(value: unknown, name = 'the table'): asserts value is Table {
  const fail = (what: string, where: string, received: unknown): never => {
    throw new GatecastError('invalid-data', expected(what, where, received));
  };
  if (typeof value !== 'object' || value === null) return fail('a table { names, columns }', name, value);
  const { names, columns, at } = value as Partial<Table>;
  if (!Array.isArray(names) || names.length === 0) return fail('an array of column names', `names of ${name}`, names);
  if (!Array.isArray(columns) || columns.length !== names.length) {
    return fail(`an array of ${names.length} columns`, `columns of ${name}`, columns);
  }
  names.forEach((column, index) => {
    if (typeof column !== 'string' || column === '') fail('a name', `column ${index} of ${name}`, column);
    if (names.indexOf(column) !== index) fail('different names', `the columns of ${name}`, column);
  });
  const rows: unknown = columns[0]?.length;
  columns.forEach((column, index) => {
    const where = `column ${describe(names[index])} of ${name}`;
    if (!(column instanceof Float64Array)) fail('a Float64Array', where, column);
    if (column.length !== rows) fail(`${rows} values`, where, column);
  });
  if (at !== undefined && !(at instanceof Float64Array && at.length === rows)) {
    fail(`a Float64Array of length ${rows}`, `the times of ${name}`, at);
  }
}

function list(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, ...` : names.join(', ');
}
