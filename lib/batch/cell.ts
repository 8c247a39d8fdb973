import { quantileMeans } from '../accuracy/quantiles.ts';
import { between } from '../model/forecast-json.ts';
import type { Measures } from './score.ts';

// The sums over the values of a cell: these, then the pinball losses of all levels, then how often each level held.
export const VALUES = 0;
export const ABSOLUTES = 1;
export const SQUARES = 2;
export const PERCENTAGES = 3;
/** Of the sizes of the true values. */
export const SIZES = 4;
export const NAIVE_ABSOLUTES = 5;
export const NAIVE_SQUARES = 6;
export const HELD = 7;
export const WIDTHS = 8;
export const WINKLERS = 9;
// Errors over the deviation of their series.
export const SCALED_ABSOLUTES = 10;
export const SCALED_SQUARES = 11;
export const SCALED_NAIVE_ABSOLUTES = 12;
export const SCALED_NAIVE_SQUARES = 13;
// Errors over the seasonal differences of their series, and how many values have any.
export const SEASONED = 14;
export const SEASONED_ABSOLUTES = 15;
export const SEASONED_SQUARES = 16;
export const SEASONED_WINKLERS = 17;
/** Of the CRPS of whole distributions. */
export const CRPS = 18;
export const LEVELS = 19;

/** How many sums a cell has. */
export function cellSize(levels: readonly number[]): number {
  return LEVELS + 2 * levels.length;
}

/** The measures that the sums of a cell give. `distributed`: whether it has a CRPS. */
export function measuresOf(cell: Float64Array, levels: readonly number[], distributed: boolean): Measures {
  const count = cell[VALUES]!;
  const mean = (sum: number) => cell[sum]! / count;
  const seasoned = (sum: number) => cell[sum]! / cell[SEASONED]!;
  const byLevel = (from: number) => Object.fromEntries(levels.map((level, l) => [level, mean(from + l)]));
  const losses = [...cell.subarray(LEVELS, LEVELS + levels.length)];
  const [lowest = Number.NaN, highest = Number.NaN] = [levels[0], levels.at(-1)];
  return {
    values: count,
    mse: mean(SQUARES),
    mae: mean(ABSOLUTES),
    scaled: { mse: mean(SCALED_SQUARES), mae: mean(SCALED_ABSOLUTES) },
    rmse: Math.sqrt(mean(SQUARES)),
    smape: mean(PERCENTAGES),
    mase: seasoned(SEASONED_ABSOLUTES),
    rmsse: Math.sqrt(seasoned(SEASONED_SQUARES)),
    naive: {
      mse: mean(NAIVE_SQUARES),
      mae: mean(NAIVE_ABSOLUTES),
      scaled: { mse: mean(SCALED_NAIVE_SQUARES), mae: mean(SCALED_NAIVE_ABSOLUTES) },
    },
    crps: distributed ? mean(CRPS) : null,
    coverage: byLevel(LEVELS + levels.length),
    quantiles:
      levels.length === 0
        ? null
        : { pinball: byLevel(LEVELS), ...quantileMeans(levels, losses, cell[SIZES]!, { count }) },
    interval:
      highest > lowest
        ? {
            level: between(lowest, highest),
            held: mean(HELD),
            width: mean(WIDTHS),
            winkler: mean(WINKLERS),
            msis: seasoned(SEASONED_WINKLERS),
          }
        : null,
  };
}
