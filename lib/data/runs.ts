import { describe, expected, GatecastError, nearest } from '../base/errors.ts';
import { gather, isSeries, type Series } from './series.ts';
import { checkTable, type Table } from './table.ts';
import { isArray, isRecord, reading } from '../base/values.ts';

/**
 * One row of a run: values by name, and the time [ms since 1970, UTC] as `at` if it is known. A value that is left out
 * is missing.
 */
export type Row = { readonly [name: string]: number | null | undefined };

/** The log from one start to one stop, in time order: a table, or rows with values by name. */
export type Run = Table | readonly Row[];

/** A log: one run or several, or series, each of which is a run. */
export type Log = Run | readonly Run[] | Series;

/** The runs of a log as tables, as `toTables` makes them. Series are read completely. */
export async function readRuns(log: Log, names: readonly string[]): Promise<Table[]> {
  if (isArray(log) || !isSeries(log)) return toTables(log as Run | readonly Run[], names);
  const runs = [...(await gather(log)).values()];
  if (runs.length > 0) return runs;
  throw new GatecastError('invalid-data', expected('at least one run', 'the log', log));
}

/**
 * The runs of a log as tables. Rows become the columns `names`. Throws `invalid-data` for a value that is not a run.
 */
export function toTables(log: Run | readonly Run[], names: readonly string[]): Table[] {
  return reading('the log', () => tablesOf(log, names));
}

function tablesOf(log: Run | readonly Run[], names: readonly string[]): Table[] {
  const runs = (isList(log) ? log : [log]) as readonly Run[];
  if (runs.length === 0) throw new GatecastError('invalid-data', expected('at least one run', 'the log', log));
  return Array.from(runs, (run, index) => {
    const name = runs.length > 1 ? `run ${index}` : 'the run';
    if (isArray(run)) return fromRows(run, names, name);
    checkTable(run, name);
    return run;
  });
}

/**
 * True for several runs. One run is a table, which is not an array, or an array of rows, which are neither arrays nor
 * tables.
 */
function isList(log: unknown): boolean {
  if (!isArray(log)) return false;
  const first: unknown = log[0];
  return log.length === 0 || isArray(first) || (typeof first === 'object' && first !== null && 'columns' in first);
}

function fromRows(rows: readonly unknown[], names: readonly string[], run: string): Table {
  const given = Object.keys(rowAt(rows, 0, run));
  const missing = names.find((name) => !given.includes(name));
  if (missing !== undefined) {
    const guess = nearest(missing, given);
    const hint = guess ? ` Did you mean ${describe(guess)}?` : '';
    throw new GatecastError('invalid-data', `Expected a value ${describe(missing)} in the rows of ${run}.${hint}`);
  }
  const column = (name: string) =>
    Float64Array.from(rows, (_, index) => {
      const value = rowAt(rows, index, run)[name];
      if (value === undefined || value === null) return Number.NaN;
      if (typeof value === 'number') return value;
      throw new GatecastError('invalid-data', expected('a number', `${name} in row ${index + 1} of ${run}`, value));
    });
  const table: Table = { names: [...names], columns: names.map(column) };
  if (given.includes('at') && !names.includes('at')) table.at = column('at');
  return table;
}

function rowAt(rows: readonly unknown[], index: number, run: string): Record<string, unknown> {
  const row = rows[index];
  if (isRecord(row)) return row as Record<string, unknown>;
  throw new GatecastError('invalid-data', expected('an object', `row ${index + 1} of ${run}`, row));
}
