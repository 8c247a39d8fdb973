import { object, whole } from '../base/schema.ts';
import { type Counts, numbersOf, undefinedMeasure } from './known-values.ts';
import { pointErrors } from './point.ts';

/** The values before the forecasts, by whose own movement errors are scaled. */
export interface History {
  /** The training values in time order; NaN for a missing one. */
  history: ArrayLike<number>;
  /** Values in a season, 1 to 1,000,000: 24 for hours of a day. Default 1. */
  season?: number;
}

/** Errors relative to those that the seasonal naive forecast made within the history. */
export interface ScaledErrors extends Counts {
  /** Mean absolute scaled error: below 1 is better than the seasonal naive forecast was, one step ahead. */
  mase: number;
  /** Root mean squared scaled error. */
  rmsse: number;
}

export const checkSeason = whole(1, 1_000_000);
const checkHistory = object<History>({ history: (value, name) => numbersOf(value, name, false), season: checkSeason }, [
  'season',
]);

/**
 * MASE, the mean of |y - f| over the mean of |h[t] - h[t - season]| of the history h (Hyndman and Koehler,
 * International Journal of Forecasting 22, 2006), and RMSSE, the root of the mean of (y - f)^2 over the mean of the
 * squares of the same differences (the M5 competition, with season 1). Both have no unit.
 *
 * Missing values (NaN) are left out, and those of the truth counted. In a history that is no longer than a season,
 * differences are between neighbours. Throws `invalid-argument` as `pointErrors` does, and `invalid-data` for a history
 * whose differences are all 0 or missing.
 */
export function scaledErrors(truth: ArrayLike<number>, forecast: ArrayLike<number>, history: History): ScaledErrors {
  const scale = scaleOf(history);
  const { count, missing, mae, mse } = pointErrors(truth, forecast);
  return { count, missing, mase: mae / scale.absolute, rmsse: Math.sqrt(mse / scale.square) };
}

/** The scale of a caller's history. Throws `invalid-argument`, and `invalid-data` if it does not move. */
export function scaleOf(given: History): Scale {
  const { history, season = 1 } = checkHistory(given, 'the history');
  const differences = new SeasonalDifferences(season);
  for (let i = 0; i < history.length; i++) differences.add(history[i]!);
  const scale = differences.scale();
  if (scale) return scale;
  throw undefinedMeasure('a history with values that differ from those a season before, to scale errors by');
}

/** Mean absolute and mean squared difference between values a season apart. */
export interface Scale {
  readonly absolute: number;
  readonly square: number;
}

/** Running differences between the values of a series that are a season apart, and between neighbours. */
export class SeasonalDifferences {
  /** The values of the last season, as a ring. */
  readonly #ring: Float64Array;
  #added = 0;
  #last = Number.NaN;
  readonly #seasonal = new Differences();
  readonly #neighbours = new Differences();

  constructor(season: number) {
    this.#ring = new Float64Array(season).fill(Number.NaN);
  }

  /** Takes the next value; NaN for a missing one. */
  add(value: number): void {
    const place = this.#added++ % this.#ring.length;
    this.#seasonal.add(value - this.#ring[place]!);
    this.#neighbours.add(value - this.#last);
    this.#ring[place] = value;
    this.#last = value;
  }

  /** Undefined if no values a season apart differ. In a series that is too short for it, those of neighbours count. */
  scale(): Scale | undefined {
    const { count, absolutes, squares } = this.#seasonal.count > 0 ? this.#seasonal : this.#neighbours;
    return absolutes > 0 ? { absolute: absolutes / count, square: squares / count } : undefined;
  }
}

class Differences {
  count = 0;
  absolutes = 0;
  squares = 0;

  add(difference: number): void {
    if (!Number.isFinite(difference)) return;
    this.count += 1;
    this.absolutes += Math.abs(difference);
    this.squares += difference * difference;
  }
}
