import { misfit } from '../base/errors.ts';
import { isRecord, reading } from '../base/values.ts';
import { type Counts, eachKnown, forecastsOf, truthOf } from './known-values.ts';

/** How well quantiles forecast. */
export interface QuantileScores extends Counts {
  /** The mean pinball loss of each level, in the unit of the values. */
  pinball: Record<number, number>;
  /** The share of true values at or below the quantile of each level; ideally the level itself. */
  coverage: Record<number, number>;
  /** Weighted quantile loss: see `quantileScores`. It has no unit; NaN if all true values are 0. */
  wql: number;
  /** Continuous ranked probability score, in the unit of the values, approximated from the levels. */
  crps: number;
}

/**
 * The scores of quantile forecasts, given by level as `forecast.quantiles` gives them.
 *
 * - The pinball loss of quantile q at level p (Koenker and Bassett, Econometrica 46, 1978): p (y - q) if y >= q, else
 *   (1 - p) (q - y).
 * - The weighted quantile loss: for each level twice the sum of the pinball losses over the sum of |y|, then the mean
 *   over the levels (as in GluonTS, Alexandrov et al., Journal of Machine Learning Research 21, 2020).
 * - The CRPS is twice the integral of the pinball loss over all levels (Laio and Tamea, Hydrology and Earth System
 *   Sciences 11, 2007). Each level stands for those that are nearer to it than to the others; so with even levels such
 *   as 0.05, 0.15, ... 0.95 it is twice the mean. The fewer the levels, the rougher.
 *
 * Missing truths (NaN) are left out and counted. Throws `invalid-argument` as `pointErrors` does, and for a level that
 * is not inside (0, 1).
 */
export function quantileScores(
  truth: ArrayLike<number>,
  quantiles: Readonly<Record<number, ArrayLike<number>>>,
): QuantileScores {
  const known = truthOf(truth);
  const { levels, values } = byLevel(quantiles, known);
  const losses = levels.map(() => 0);
  const covered = levels.map(() => 0);
  let size = 0;
  const counts = eachKnown(known, (i) => {
    const y = known[i]!;
    size += Math.abs(y);
    for (let l = 0; l < levels.length; l++) {
      losses[l]! += pinballLoss(y, values[l]![i]!, levels[l]!);
      if (y <= values[l]![i]!) covered[l]! += 1;
    }
  });
  const share = (sums: readonly number[]) =>
    Object.fromEntries(levels.map((level, l) => [level, sums[l]! / counts.count]));
  return {
    ...counts,
    pinball: share(losses),
    coverage: share(covered),
    ...quantileMeans(levels, losses, size, counts),
  };
}

/** p (y - q) for a true value y at or above the quantile q of level p, else (1 - p) (q - y). */
export function pinballLoss(truth: number, quantile: number, level: number): number {
  return truth >= quantile ? level * (truth - quantile) : (1 - level) * (quantile - truth);
}

/** The weighted quantile loss and the CRPS from the sum of the pinball losses of each level; `size`: the sum of |y|. */
export function quantileMeans(
  levels: readonly number[],
  losses: readonly number[],
  size: number,
  { count }: Pick<Counts, 'count'>,
): { wql: number; crps: number } {
  const sum = losses.reduce((all, loss) => all + loss, 0);
  const weights = levelWeights(levels);
  const integral = losses.reduce((all, loss, l) => all + weights[l]! * loss, 0);
  return { wql: size === 0 ? Number.NaN : (2 * sum) / (levels.length * size), crps: (2 * integral) / count };
}

/** How much of (0, 1) is nearest to each of the ascending levels. */
function levelWeights(levels: readonly number[]): number[] {
  const middles = levels.slice(1).map((level, l) => (level + levels[l]!) / 2);
  const ends = [0, ...middles, 1];
  return levels.map((_, l) => ends[l + 1]! - ends[l]!);
}

/** The levels of a caller's quantiles, ascending, and the quantiles of each. */
export function byLevel(
  quantiles: unknown,
  truth: ArrayLike<number>,
): { levels: number[]; values: ArrayLike<number>[] } {
  const entries = reading('the quantiles', () => (isRecord(quantiles) ? Object.entries(quantiles) : []));
  if (entries.length === 0) throw misfit('lists of quantiles by level', 'the quantiles', quantiles);
  const stranger = entries.find(([level]) => !(Number(level) > 0 && Number(level) < 1));
  if (stranger) throw misfit('levels between 0 and 1', 'the quantiles', stranger[0]);
  const sorted = entries.sort(([a], [b]) => Number(a) - Number(b));
  return {
    levels: sorted.map(([level]) => Number(level)),
    values: sorted.map(([level, list]) => forecastsOf(list, `the quantiles of level ${level}`, truth)),
  };
}
