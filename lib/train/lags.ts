import { misfit } from '../base/errors.ts';
import { columnIndex } from '../data/table.ts';
import { FARTHEST_LAG } from '../model/inputs/lags.ts';
import { findPeriods } from '../time/periods.ts';
import type { ResolvedOptions } from './options.ts';
import type { SeriesRows } from './plan.ts';

/** The last values before the newest one. */
const LAST = [2, 3, 4, 5, 6, 7];
/** How many rhythms are looked back on, each at its length and at its neighbours. */
const RHYTHMS = 2;
/** A longer rhythm is too much to remember for each stream, and each path. */
const LONGEST = 1000;
/** How many series are searched for rhythms, spread evenly over all, and how many of their last rows. */
const MOST_SERIES = 16;
const MOST_ROWS = 4096;

/**
 * Which earlier values of the targets a network reads; undefined for none. 'auto' takes the last seven, and for the two
 * strongest rhythms of the training rows those that are one rhythm old, as GluonTS's DeepAR does. Throws
 * `invalid-argument` for lags given twice.
 */
export function lagsFor(
  series: readonly SeriesRows[],
  { lags, targets }: Pick<ResolvedOptions, 'lags' | 'targets'>,
  interval: number | null,
): readonly number[] | undefined {
  if (lags === 'none') return undefined;
  if (lags !== 'auto') {
    if (new Set(lags).size < lags.length) throw misfit('different lags', 'options.lags', lags.join(', '));
    return lags.toSorted((a, b) => a - b);
  }
  const rhythms = strongest(series, targets, interval).slice(0, RHYTHMS);
  const seasonal = rhythms.flatMap((period) => [period - 1, period, period + 1]);
  const all = [...LAST, ...seasonal].filter((lag) => lag >= 2 && lag <= FARTHEST_LAG);
  return [...new Set(all)].sort((a, b) => a - b);
}

/** The periods of the targets, from the strongest in sum on. */
function strongest(series: readonly SeriesRows[], targets: readonly string[], interval: number | null): number[] {
  const strengths = new Map<number, number>();
  const stride = Math.ceil(series.length / MOST_SERIES);
  for (const { table, offset, training } of series.filter((_, i) => i % stride === 0)) {
    for (const target of targets) {
      const known = table.columns[columnIndex(table, target)]!.slice(0, training.to - offset).slice(-MOST_ROWS);
      for (const { period, strength } of findPeriods(known, interval)) {
        if (period <= LONGEST) strengths.set(period, (strengths.get(period) ?? 0) + strength);
      }
    }
  }
  return [...strengths].sort(([, a], [, b]) => b - a).map(([period]) => period);
}
