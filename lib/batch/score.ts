import type { Forecast } from '../model/forecast.ts';
import { between } from '../model/forecast-json.ts';
import type { ModelDescription } from '../model/model.ts';
import { Last } from '../baselines/last.ts';
import { ErrorMean } from './metrics.ts';

/** Mean errors over windows, horizon steps and targets. */
export interface ErrorScore {
  /** Mean squared and absolute error in the user's units. */
  mse: number;
  mae: number;
  /**
   * The same errors on scaled values, comparable between targets. Values are scaled by the mean and deviation of the
   * training rows; for a model without a scaler, of the rows before `from`, or of all rows if no row is before it.
   */
  scaled: { mse: number; mae: number };
}

export interface Score extends ErrorScore {
  /** How many windows were scored: one for each row from which a whole horizon lies within [from, to). */
  windows: number;
  /** The errors of repeating the last value, on the same windows. */
  naive: ErrorScore;
  /** For each quantile level, the share of true values at or below the forecast quantile; ideally the level itself. */
  coverage: Record<number, number>;
  /**
   * The interval between the outermost levels: its nominal level, and the share of true values within it, bounds
   * included. Null for a model with fewer than two levels.
   */
  interval: { level: number; held: number } | null;
}

/** The scores of all series. */
export interface SeriesScore extends Score {
  /**
   * The score of each series by key, in the order of their first rows. A series without a complete window has no score.
   */
  series: ReadonlyMap<string, Score>;
}

type Shape = Pick<ModelDescription, 'targets' | 'horizon' | 'levels'>;

const last = new Last();
const known = new Float64Array(last.size);

/** Running sums over the scored windows of a series. */
export class Tally {
  readonly #shape: Shape;
  /** Deviation of each target. */
  readonly #std: readonly number[];
  readonly #own = new Errors();
  readonly #naive = new Errors();
  /** How many true values were at or below the quantile of each level. */
  readonly #covered: number[];
  #held = 0;
  windows = 0;

  constructor(shape: Shape, std: readonly number[]) {
    this.#shape = shape;
    this.#std = std;
    this.#covered = shape.levels.map(() => 0);
  }

  /**
   * Scores a forecast after row `row` of the targets' columns, unless it is not ready or a true value is missing.
   * `lastOf` gives the last value of a target up to that row.
   */
  add(forecast: Forecast, truth: readonly Float64Array[], row: number, lastOf: (target: number) => number): void {
    const { horizon, levels } = this.#shape;
    const complete = truth.every((column) => column.subarray(row + 1, row + 1 + horizon).every(Number.isFinite));
    if (!forecast.ready || !complete) return;
    this.windows += 1;
    const { mean } = forecast;
    const quantiles = levels.map((level) => forecast.quantiles[level]!);
    const [lower, upper] = [quantiles[0], quantiles.at(-1)];
    truth.forEach((column, target) => {
      last.observe(known, 0, lastOf(target));
      for (let step = 0; step < horizon; step++) {
        const value = column[row + 1 + step]!;
        const at = target * horizon + step;
        this.#own.add(mean[at]! - value, this.#std[target]!);
        this.#naive.add(last.forecast(known, 0, step + 1) - value, this.#std[target]!);
        if (lower && upper && value >= lower[at]! && value <= upper[at]!) this.#held += 1;
        for (let l = 0; l < quantiles.length; l++) if (value <= quantiles[l]![at]!) this.#covered[l]! += 1;
      }
    });
  }

  /** Adds the windows of another series. */
  plus(other: Tally): void {
    this.windows += other.windows;
    this.#held += other.#held;
    this.#own.plus(other.#own);
    this.#naive.plus(other.#naive);
    other.#covered.forEach((count, l) => (this.#covered[l]! += count));
  }

  score(): Score {
    const { targets, horizon, levels } = this.#shape;
    const [lowest = Number.NaN, highest = Number.NaN] = [levels[0], levels.at(-1)];
    const count = this.windows * horizon * targets.length;
    const coverage = Object.fromEntries(levels.map((level, l) => [level, this.#covered[l]! / count]));
    const interval = highest > lowest ? { level: between(lowest, highest), held: this.#held / count } : null;
    return { windows: this.windows, ...this.#own.score(), naive: this.#naive.score(), coverage, interval };
  }
}

class Errors {
  readonly #plain = new ErrorMean();
  readonly #scaled = new ErrorMean();

  add(error: number, std: number): void {
    this.#plain.add(error);
    this.#scaled.add(error / std);
  }

  plus(other: Errors): void {
    this.#plain.plus(other.#plain);
    this.#scaled.plus(other.#scaled);
  }

  score(): ErrorScore {
    const { mse, mae } = this.#scaled;
    return { mse: this.#plain.mse, mae: this.#plain.mae, scaled: { mse, mae } };
  }
}
