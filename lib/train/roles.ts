import { describe, expected, GatecastError, misfit } from '../base/errors.ts';
import { oneOf, recordOf } from '../base/schema.ts';
import { isRecord, reading } from '../base/values.ts';
import { type KeyedTable, nameOf } from '../data/series.ts';
import { columnIndex, type Role, ROLES, type Table } from '../data/table.ts';
import type { TrainOptions } from './options.ts';

const checkRoles = recordOf(oneOf(...ROLES));

/** True if the columns to forecast are those with the role 'target' in the data. */
export function needsRoles(options: unknown): options is object {
  return isRecord(options) && reading('options', () => (options as TrainOptions).targets) === undefined;
}

/**
 * The options with the targets and inputs that their `roles` name. Throws `invalid-argument` for options that also give
 * `targets` or `inputs`.
 */
export function namedByRoles(options: TrainOptions): TrainOptions {
  if (!isRecord(options)) return options;
  return reading('options', () => {
    if (options.roles === undefined) return options;
    const roles = Object.entries(checkRoles(options.roles, 'options.roles'));
    const beside = (['targets', 'inputs'] as const).find((name) => options[name] !== undefined);
    if (beside !== undefined) throw misfit('no value beside options.roles', `options.${beside}`, options[beside]);
    const targets = roles.flatMap(([name, role]) => (role === 'target' ? [name] : []));
    const inputs = roles.flatMap(([name, role]) => (role === 'target' ? [] : [name]));
    if (targets.length === 0) throw misfit('a column with the role target', 'options.roles', roles);
    return { ...options, targets, ...(inputs.length > 0 && { inputs }) };
  });
}

/**
 * The options with their targets and inputs, and the tables with the roles that they give. Roles of the data count if
 * the options give none, and name what the options leave open: by name, because the order of columns is no matter.
 */
export function assignRoles(
  tables: readonly KeyedTable[],
  given: TrainOptions,
): { options: TrainOptions; tables: readonly KeyedTable[] } {
  const options = namedByRoles(given);
  if (!isRecord(options)) return { options, tables };
  const first = tables[0]!;
  const roles = reading('options', () => options.roles && checkRoles(options.roles, 'options.roles'));
  if (roles !== undefined) {
    for (const name of Object.keys(roles)) columnIndex(first, name);
    const own = (name: string) => (Object.hasOwn(roles, name) ? roles[name] : undefined);
    return { options, tables: tables.map((table) => ({ ...table, roles: table.names.map(own) })) };
  }
  if (first.roles === undefined) return { options, tables };
  const named = (which: (role: Role) => boolean) =>
    first.names.filter((_, i) => first.roles![i] !== undefined && which(first.roles![i])).sort();
  const targets = named((role) => role === 'target');
  const others = named((role) => role !== 'target');
  const completed = reading('options', () => ({
    ...options,
    ...(options.targets === undefined && targets.length > 0 && { targets }),
    ...(options.inputs === undefined && others.length > 0 && { inputs: others }),
  }));
  return { options: completed, tables };
}

/** The names among `names` whose columns have this role in a table. */
export function withRole({ names: all, roles }: Table, names: readonly string[], role: Role): string[] {
  return names.filter((name) => roles?.[all.indexOf(name)] === role);
}

/**
 * Throws `invalid-argument` for columns with which a path could not go on: neither targets nor known ahead nor always
 * the same.
 */
export function checkFollowed(table: Table, named: readonly string[], targets: readonly string[]): void {
  const followed = [...targets, ...withRole(table, named, 'future'), ...withRole(table, named, 'static')];
  const other = named.find((name) => !followed.includes(name));
  if (other === undefined) return;
  throw misfit(
    "only columns with the role 'future' or 'static' beside the targets, with the model 'deepar',",
    'the inputs',
    other,
  );
}

/** Throws `invalid-data` for a column with words, which cannot be read ahead. */
export function checkFuture(tables: readonly Table[], names: readonly string[]): void {
  for (const name of names) {
    if (tables.every((table) => table.words?.[columnIndex(table, name)] === undefined)) continue;
    throw new GatecastError('invalid-data', expected('numbers in a column known ahead', name, 'words'));
  }
}

/** Throws `invalid-data` for a static column that changes within a series. */
export function checkStatic(tables: readonly KeyedTable[], names: readonly string[]): void {
  for (const { key, ...table } of tables) {
    for (const name of names) {
      const column = table.columns[columnIndex(table, name)]!;
      const words = table.words?.[columnIndex(table, name)];
      const first = column.find(Number.isFinite);
      const row = column.findIndex((value) => Number.isFinite(value) && value !== first);
      if (row < 0) continue;
      const shown = (value: number) => describe(words ? words[value] : value);
      throw new GatecastError(
        'invalid-data',
        `Expected one value of ${describe(name)}, a static column, in ${nameOf(key)} but row ${row + 1} has ` +
          `${shown(column[row]!)} after ${shown(first!)}.`,
      );
    }
  }
}
