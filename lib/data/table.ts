import { describe, expected, GatecastError, nearest } from '../base/errors.ts';
import { isColumn, list, text, whole } from '../base/schema.ts';
import { isArray, isRecord, reading } from '../base/values.ts';
import { joinWords, recode } from './words.ts';

/**
 * The role of a column in a forecast. 'target' is forecast, 'past' is known up to now, 'future' is known ahead (a
 * calendar, a plan), and 'static' never changes within a series. A forecaster reads columns up to the row that it
 * forecasts from, and those with the role 'future' for the whole horizon after it.
 */
export type Role = 'target' | 'past' | 'future' | 'static';

/** Samples in time order, one column per measured quantity, in the user's units. */
export interface Table {
  /** Column names, all different. */
  names: string[];
  /** One array for each name, all of the same length; NaN for a missing value. */
  columns: Float64Array[];
  /** One unit for each name; undefined if unknown. */
  units?: (string | undefined)[];
  /**
   * For each name the words of a category, all different, or undefined for a column of numbers. The values of a
   * category are places in its words; NaN for a missing word. Tables of the same columns may have different words.
   */
  words?: (readonly string[] | undefined)[];
  /** One role for each name; undefined if not given. */
  roles?: (Role | undefined)[];
  /** Time of each row [ms since 1970, UTC]; NaN if unknown. */
  at?: Float64Array;
}

/** Longest name that is looked up. A table may hold any name. */
const MAX_NAME = 65_536;
const MAX_NAMES = 65_536;
/** Most words of a column. */
const MAX_WORDS = 2 ** 24;
export const ROLES: readonly Role[] = ['target', 'past', 'future', 'static'];
const checkRow = whole(0, Number.MAX_SAFE_INTEGER);
const checkNames = list(text(MAX_NAME), 0, MAX_NAMES);

/** The number of rows of a table. */
export function rowCount(table: Table): number {
  checkTable(table);
  return table.columns[0]!.length;
}

/** Rows `from` (inclusive) to `to` (exclusive) as a view: nothing is copied. */
export function sliceRows(table: Table, from: number, to: number): Table {
  checkTable(table);
  checkRow(from, 'from');
  checkRow(to, 'to');
  return {
    ...table,
    columns: table.columns.map((column) => column.subarray(from, to)),
    ...(table.at && { at: table.at.subarray(from, to) }),
  };
}

/**
 * The columns `names`, in that order. Throws `invalid-data` for a name that the table lacks, suggesting the nearest
 * one.
 */
export function selectColumns(table: Table, names: readonly string[]): Table {
  checkTable(table);
  const picked = checkNames(names, 'names').map((name) => columnIndex(table, name));
  return {
    ...table,
    names: [...names],
    columns: picked.map((index) => table.columns[index]!),
    ...(table.units && { units: picked.map((index) => table.units![index]) }),
    ...(table.words && { words: picked.map((index) => table.words![index]) }),
    ...(table.roles && { roles: picked.map((index) => table.roles![index]) }),
  };
}

/** The index of the column `name`. Throws `invalid-data` if the table lacks it. */
export function columnIndex(table: Table, name: string): number {
  const index = table.names.indexOf(name);
  if (index >= 0) return index;
  const guess = nearest(name, table.names);
  const hint = guess ? ` Did you mean ${describe(guess)}?` : '';
  throw new GatecastError(
    'invalid-data',
    `Expected a column ${describe(name)} among ${enumerate(table.names)}.${hint}`,
  );
}

/**
 * Joins the rows of tables, one table after another. All have the columns of the first. Rows without times get NaN.
 * Throws `invalid-data` for a column that holds words in some tables only.
 */
export function joinTables(tables: readonly Table[]): Table {
  const [first] = tables as [Table];
  if (tables.length === 1) return first;
  const rows = tables.map(({ columns }) => columns[0]!.length);
  const timed = tables.some(({ at }) => at !== undefined);
  const join = (parts: readonly (Float64Array | undefined)[]) => {
    const all = new Float64Array(rows.reduce((sum, count) => sum + count, 0)).fill(Number.NaN);
    let from = 0;
    for (const [index, part] of parts.entries()) {
      if (part) all.set(part, from);
      from += rows[index]!;
    }
    return all;
  };
  const words = first.names.map((name, column) =>
    joinWords(
      tables.map((table) => table.words?.[column]),
      name,
    ),
  );
  const columnOf = (table: Table, column: number) => {
    const own = table.words?.[column];
    return own ? recode(table.columns[column]!, own, words[column]!) : table.columns[column];
  };
  return {
    ...first,
    columns: first.names.map((_, column) => join(tables.map((table) => columnOf(table, column)))),
    ...(tables.some((table) => table.words) && { words }),
    ...(timed && { at: join(tables.map(({ at }) => at)) }),
  };
}

/** The median time between rows [ms]; null if the table has no times. */
export function medianInterval(table: Table): number | null {
  const steps: number[] = [];
  for (let row = 1; row < (table.at?.length ?? 0); row++) {
    const step = table.at![row]! - table.at![row - 1]!;
    if (step > 0) steps.push(step);
  }
  steps.sort((a, b) => a - b);
  return steps[steps.length >> 1] ?? null;
}

/** Checks the names, lengths and types of a caller's table. Throws `invalid-data`. */
export function checkTable(value: unknown, name = 'the table'): asserts value is Table {
  reading(name, () => checkColumns(value, name));
}

function checkColumns(value: unknown, name: string): void {
  const fail = (what: string, where: string, received: unknown): never => {
    throw new GatecastError('invalid-data', expected(what, where, received));
  };
  if (!isRecord(value)) return fail('a table { names, columns }', name, value);
  const { names, columns, units, words, roles, at } = value as Partial<Table>;
  if (!isArray(names) || names.length === 0) return fail('an array of column names', `names of ${name}`, names);
  if (!isArray(columns) || columns.length !== names.length) {
    return fail(`an array of ${names.length} columns`, `columns of ${name}`, columns);
  }
  // A loop over indices, because `forEach` skips the holes of an array.
  const seen = new Set<string>();
  for (let index = 0; index < names.length; index++) {
    const column: unknown = names[index];
    if (typeof column !== 'string' || column === '') return fail('a name', `column ${index} of ${name}`, column);
    if (seen.has(column)) return fail('different names', `the columns of ${name}`, column);
    seen.add(column);
  }
  let rows: number | undefined;
  for (let index = 0; index < columns.length; index++) {
    const column: unknown = columns[index];
    const where = `column ${describe(names[index])} of ${name}`;
    if (!isColumn(column)) return fail('a Float64Array', where, column);
    rows ??= column.length;
    if (column.length !== rows) return fail(`${rows} values`, where, column);
  }
  const unit = (value: unknown) => value === undefined || typeof value === 'string';
  if (units !== undefined && !(isArray(units) && units.length === names.length && Array.from(units).every(unit))) {
    fail(`${names.length} units, each text or undefined,`, `the units of ${name}`, units);
  }
  const list = (value: unknown) => value === undefined || isWords(value);
  if (words !== undefined && !(isArray(words) && words.length === names.length && Array.from(words).every(list))) {
    fail(`${names.length} lists of different words, or undefined for numbers,`, `the words of ${name}`, words);
  }
  const role = (value: unknown) => value === undefined || ROLES.includes(value as Role);
  if (roles !== undefined && !(isArray(roles) && roles.length === names.length && Array.from(roles).every(role))) {
    fail(`${names.length} roles, each ${ROLES.join(', ')} or undefined,`, `the roles of ${name}`, roles);
  }
  if (at !== undefined && !(isColumn(at) && at.length === rows)) {
    fail(`a Float64Array of length ${rows}`, `the times of ${name}`, at);
  }
}

function isWords(value: unknown): boolean {
  // A copy, because `every` skips the holes of an array.
  const words = isArray(value) && value.length <= MAX_WORDS ? Array.from(value) : [undefined];
  return words.every((word) => typeof word === 'string') && new Set(words).size === words.length;
}

/** The first of these names, listed for an error. */
export function enumerate(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, ...` : names.join(', ');
}
