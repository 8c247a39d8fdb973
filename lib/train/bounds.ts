import { columnIndex, type Table } from '../data/table.ts';
import { describe, GatecastError, misfit, nearest } from '../base/errors.ts';
import type { Bounds } from '../model/bounds.ts';
import type { TrainOptions } from './options.ts';

type Limits = Pick<TrainOptions, 'min' | 'max'> & { readonly targets: readonly string[] };

/** Default bounds of a target in per cent whose values all lie between them. */
const PERCENT = { min: 0, max: 100 };

/**
 * The bounds of each target: the given ones, else 0 and 100 for a target in per cent whose values all lie between them.
 * Undefined if no target has bounds. Throws `invalid-argument` for values that cannot be bounds, and `invalid-data` for
 * bounds that exclude all values of a target.
 */
export function targetBounds(tables: readonly Table[], { targets, min, max }: Limits): Bounds[] | undefined {
  const lower = byTarget(min, targets, 'options.min');
  const upper = byTarget(max, targets, 'options.max');
  const all = targets.map((target) => {
    const columns = tables.map((table) => table.columns[columnIndex(table, target)]!);
    const unit = tables[0]!.units?.[columnIndex(tables[0]!, target)];
    const within = (low: number, high: number) => (value: number) =>
      Number.isNaN(value) || (value >= low && value <= high);
    const isShare = unit === '%' && columns.every((column) => column.every(within(PERCENT.min, PERCENT.max)));
    const low = lower(target) ?? (isShare ? PERCENT.min : -Infinity);
    const high = upper(target) ?? (isShare ? PERCENT.max : Infinity);
    if (low >= high) throw misfit(`less than ${high}`, `the min of ${target}`, low);
    if (!columns.some((column) => column.some((value) => value >= low && value <= high))) {
      const what = `values of ${describe(target)} between ${low} and ${high}`;
      throw new GatecastError('invalid-data', `Expected ${what} but found none.`);
    }
    return { ...(low > -Infinity && { min: low }), ...(high < Infinity && { max: high }) };
  });
  return all.some((bounds) => 'min' in bounds || 'max' in bounds) ? all : undefined;
}

/** Returns the bound given for a target. Checks all of them first. */
function byTarget(
  given: Limits['min'],
  targets: readonly string[],
  name: string,
): (target: string) => number | undefined {
  if (given === undefined) return () => undefined;
  if (typeof given === 'number') {
    const value = limit(given, name);
    return () => value;
  }
  const limits = new Map(Object.entries(given).map(([target, value]) => [target, limit(value, `${name}.${target}`)]));
  const stranger = [...limits.keys()].find((target) => !targets.includes(target));
  if (stranger === undefined) return (target) => limits.get(target);
  const guess = nearest(stranger, targets);
  const hint = guess === undefined ? '' : ` Did you mean ${describe(guess)}?`;
  throw misfit(`only ${targets.join(', ')}`, name, stranger, hint);
}

function limit(value: unknown, name: string): number {
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw misfit('a number', name, value);
}
