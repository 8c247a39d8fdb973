/**
 * What the outputs of a network stand for, and how they become a forecast. For each target and step of the horizon a
 * head has the same number of outputs, side by side: [targets][horizon][outputs]. Heads know neither units nor files.
 */
export interface Head {
  /**
   * 'point': one output, the forecast itself; the quantiles of such a forecaster are the forecast plus `residuals`.
   * 'quantiles': one output for each level. 'distribution': the parameters of a distribution, which has every quantile.
   */
  readonly gives: 'point' | 'quantiles' | 'distribution';

  /**
   * Names of what forecasts hold beside their mean and quantiles: the parameters of a distribution. There is a number
   * of each for each target and step. Left out for nothing.
   */
  beside?(of: HeadChoice): readonly string[];

  /** Outputs for each target and step. */
  outputs(of: HeadChoice): number;

  /**
   * Outputs of one step for a network that has learned nothing, so that learning begins from a sensible forecast.
   * `changes`, ascending, are what there was to forecast: on the network's scale, less the last value if `anchored`.
   * Without this method they are 0.
   */
  start?(changes: Float32Array, of: HeadChoice, anchored: boolean): number[];

  /** The function that reads the outputs of a forecaster; made once, called for each sample. */
  reader(form: ReadForm): ReadTarget;
}

/** What of a forecaster's description its head depends on. */
export interface HeadChoice {
  /** Levels of the quantiles of a forecast, ascending. */
  readonly levels: readonly number[];
}

/** What is the same for all forecasts of a forecaster. */
export interface ReadForm extends HeadChoice {
  readonly horizon: number;
  /** targets * horizon: numbers from one quantile of a forecast to the next. */
  readonly count: number;
  /** What is added to a point for each quantile, [targets * horizon][levels] on the network's scale. */
  readonly residuals: Float32Array | undefined;
}

/**
 * Reads one target: its outputs, [horizon][outputs] from `from` on, become its mean, its quantiles and what the head
 * gives beside, from place `at` on in `numbers`, [1 + levels + beside][targets][horizon]. An output y stands for
 * `base + std * y` in the target's own unit. Allocates nothing.
 */
export type ReadTarget = (
  output: Float32Array,
  from: number,
  base: number,
  std: number,
  numbers: Float64Array,
  at: number,
) => void;
