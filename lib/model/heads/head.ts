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
   * What forecasts hold beside their mean and quantiles, by name: the parameters of a distribution. There is a number
   * of each for each target and step. Left out for nothing.
   */
  readonly beside?: readonly string[];

  /** Outputs for each target and step. */
  outputs(levels: readonly number[]): number;

  /**
   * Outputs of one step for a network that has learned nothing, so that learning begins from a sensible forecast.
   * `changes`, ascending, are what there was to forecast: on the network's scale, less the last value if `anchored`.
   * Without this method they are 0.
   */
  start?(changes: Float32Array, levels: readonly number[], anchored: boolean): number[];

  /** The function that reads the outputs of a forecaster; made once, called for each sample. */
  reader(form: ReadForm): ReadTarget;
}

/** What is the same for all forecasts of a forecaster. */
export interface ReadForm {
  readonly horizon: number;
  /** targets * horizon: numbers from one quantile of a forecast to the next. */
  readonly count: number;
  readonly levels: readonly number[];
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
