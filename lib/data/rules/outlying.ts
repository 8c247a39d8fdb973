import { sliceRows, type Table } from '../table.ts';

/** Most stamps at either end of a series that may be outlying. A larger group of stamps is a part of the series. */
export const MOST_OUTLYING = 7;
/** Fewer stamps than this say too little about where a series lies. */
const FEWEST = 10;

/** How many stamps are outlying at the start and at the end of a series in time order. */
export interface Outlying {
  readonly early: number;
  readonly late: number;
}

const NONE: Outlying = { early: 0, late: 0 };

/**
 * Finds stamps that are false, such as those of 1970 or 2099 among those of one year: at most seven at either end, and
 * no more than 1 % of the rows beyond one, that are further from the others than these span altogether.
 *
 * `first` and `last` are the first and the last eight stamps (all of them, if there are fewer) of `rows`, each in time
 * order [ms].
 */
export function findOutlying(first: ArrayLike<number>, last: ArrayLike<number>, rows: number): Outlying {
  if (rows < FEWEST) return NONE;
  const most = Math.min(MOST_OUTLYING, Math.max(1, Math.floor(rows / 100)));
  let found = NONE;
  // as few as possible, and then again: one of 2099 may hide one of 1970
  for (let more: Outlying | undefined = found; more; more = fewestBeyond(found, first, last, most)) found = more;
  return found;
}

/** The fewest outlying stamps that are more than those found, at most `most` at either end. */
function fewestBeyond(
  found: Outlying,
  first: ArrayLike<number>,
  last: ArrayLike<number>,
  most: number,
): Outlying | undefined {
  for (let count = found.early + found.late + 1; count <= 2 * most; count++) {
    for (let early = Math.max(found.early, count - most); early <= Math.min(count - found.late, most); early++) {
      const late = count - early;
      const low = first[early]!;
      const high = last[last.length - 1 - late]!;
      const isFar = (gap: number) => high > low && gap > high - low;
      if (early > found.early && !isFar(low - first[early - 1]!)) continue;
      if (late > found.late && !isFar(last[last.length - late]! - high)) continue;
      return { early, late };
    }
  }
  return undefined;
}

/** A table in time order without the rows whose times are outlying, and these times [ms]. */
export function leaveOutOutlying(table: Table): { readonly table: Table; readonly outlying: readonly number[] } {
  const at = table.at!;
  const shown = MOST_OUTLYING + 1;
  const { early, late } = findOutlying(at.subarray(0, shown), at.subarray(-shown), at.length);
  if (early + late === 0) return { table, outlying: [] };
  const end = at.length - late;
  return { table: sliceRows(table, early, end), outlying: [...at.subarray(0, early), ...at.subarray(end)] };
}
