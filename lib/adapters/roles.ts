import { describe, GatecastError } from '../base/errors.ts';
import type { Role } from '../data/table.ts';

/** The role of each column. Throws `invalid-data` for the role of a column that does not exist. */
export function rolesOf(
  names: readonly string[],
  roles: Readonly<Record<string, Role>> | undefined,
  source: string,
): { roles?: (Role | undefined)[] } {
  if (roles === undefined) return {};
  const other = Object.keys(roles).find((name) => !names.includes(name));
  if (other === undefined) {
    return { roles: names.map((name) => (Object.hasOwn(roles, name) ? roles[name] : undefined)) };
  }
  const what = `numbers in the column ${describe(other)} of ${source}, which has the role ${roles[other]},`;
  throw new GatecastError('invalid-data', `Expected ${what} but found none.`);
}
