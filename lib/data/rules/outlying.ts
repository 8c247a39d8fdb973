import { GAP_STEPS } from './rules-options.ts';
import { spacingBetween } from './spacing.ts';

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
 * no more than 1 % of the rows beyond one, that are further from the others than these span altogether, and further
 * than `least` [ms].
 *
 * `first` and `last` are the first and the last eight stamps (all of them, if there are fewer) of `rows`, each in time
 * order [ms].
 */
export function findOutlying(first: ArrayLike<number>, last: ArrayLike<number>, rows: number, least: number): Outlying {
  if (rows < FEWEST) return NONE;
  const most = Math.min(MOST_OUTLYING, Math.max(1, Math.floor(rows / 100)));
  let found = NONE;
  // as few as possible, and then again: one of 2099 may hide one of 1970
  for (let more: Outlying | undefined = found; more; more = fewestBeyond(found, first, last, most, least)) found = more;
  return found;
}

/** The fewest outlying stamps that are more than those found, at most `most` at either end. */
function fewestBeyond(
  found: Outlying,
  first: ArrayLike<number>,
  last: ArrayLike<number>,
  most: number,
  least: number,
): Outlying | undefined {
  for (let count = found.early + found.late + 1; count <= 2 * most; count++) {
    for (let early = Math.max(found.early, count - most); early <= Math.min(count - found.late, most); early++) {
      const late = count - early;
      const low = first[early]!;
      const high = last[last.length - 1 - late]!;
      const isFar = (gap: number) => high > low && gap > Math.max(least, high - low);
      if (early > found.early && !isFar(low - first[early - 1]!)) continue;
      if (late > found.late && !isFar(last[last.length - late]! - high)) continue;
      return { early, late };
    }
  }
  return undefined;
}

/**
 * The outlying times among these, which are in order [ms]. Those within `maxGap` of the others are not, nor those
 * within as many usual steps as a gap may have by default.
 */
export function outlyingTimes(at: Float64Array, maxGap: number): number[] {
  const kept = MOST_OUTLYING + 1;
  const least = Math.max(maxGap, GAP_STEPS * (spacingBetween(at).interval ?? 0));
  const { early, late } = findOutlying(at.subarray(0, kept), at.subarray(-kept), at.length, least);
  return [...at.subarray(0, early), ...at.subarray(at.length - late)];
}
