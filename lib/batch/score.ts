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

/**
 * All measures of the same forecasts. docs/evaluation.md has their formulas, and `metrics` computes them from lists.
 */
export interface Measures extends ErrorScore {
  /** How many forecast values were compared: windows * steps * targets. */
  values: number;
  /** The root of `mse`. */
  rmse: number;
  /** Symmetric mean absolute percentage error, 0 to 200. */
  smape: number;
  /**
   * Mean absolute and root mean squared error, scaled by the differences of each series a season apart. Series and
   * targets without any such difference are left out; NaN if all are.
   */
  mase: number;
  rmsse: number;
  /** The errors of repeating the last value, on the same windows. */
  naive: ErrorScore;
  /**
   * Continuous ranked probability score of the whole distribution, in the user's units: exact for a model that gives a
   * family of distributions, as `Forecast.distribution` has it; else the unbiased estimate from the sample paths of a
   * model that draws them, or of the option `paths`; null without either. `quantiles.crps` is the one from the levels.
   */
  crps: number | null;
  /** For each quantile level, the share of true values at or below the forecast quantile; ideally the level itself. */
  coverage: Record<number, number>;
  /** Null for a model without levels. */
  quantiles: {
    /** The mean pinball loss of each level, in the user's units. */
    pinball: Record<number, number>;
    /** Weighted quantile loss. */
    wql: number;
    /** Continuous ranked probability score, in the user's units, from the levels. */
    crps: number;
  } | null;
  /**
   * The interval between the outermost levels: its nominal level, and the share of true values within it, bounds
   * included; its mean width and interval score (Winkler) in the user's units, and the latter scaled as `mase` is.
   * Null for a model with fewer than two levels.
   */
  interval: { level: number; held: number; width: number; winkler: number; msis: number } | null;
}

/**
 * How well sample paths forecast the whole course of a horizon, in the user's units; means over windows and targets.
 */
export interface CourseScore {
  /** How many paths each forecast has. */
  paths: number;
  /** The energy score of the course: the CRPS of a vector, estimated as `metrics.energyScore` does. */
  energy: number;
  /** The CRPS of the sum over the horizon, estimated as `crps`. */
  sum: number;
}

/** The measures of one target, over all steps and for each: element h is for h + 1 samples ahead. */
export interface TargetScore extends Measures {
  /** Null for a model without sample paths. */
  courses: CourseScore | null;
  steps: readonly Measures[];
}

/** The errors of all windows that begin at one place of the series. */
export interface OriginScore extends ErrorScore {
  /** The first row that was forecast, and its time [ms]; NaN without times. Of the first series if there are many. */
  row: number;
  at: number;
  /** One for each series. */
  windows: number;
  naive: ErrorScore;
}

export interface Score extends Measures {
  /** How many windows were scored: one for each row from which a whole horizon lies within [from + gap, to). */
  windows: number;
  /** Windows that were left out because the state was not warm, or because a true value was missing. */
  leftOut: { notReady: number; missing: number };
  /** Of whole courses, by sample paths; null for a model without them and without the option `paths`. */
  courses: CourseScore | null;
  /** The season of `mase`, `rmsse` and `msis`, in rows. */
  season: number;
  /** For each step ahead the measures over all targets: element h is for h + 1 samples ahead. */
  steps: readonly Measures[];
  /** For each target, by name. */
  targets: Readonly<Record<string, TargetScore>>;
  /** The errors over time, one for each row from which was forecast; with the option `origins`. */
  origins?: readonly OriginScore[];
}

/** The scores of all series. */
export interface SeriesScore extends Score {
  /**
   * The score of each series by key, in the order of their first rows. A series without a complete window has no score.
   */
  series: ReadonlyMap<string, Score>;
}
