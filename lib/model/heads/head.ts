import type { Family } from './family.ts';

/**
 * What the outputs of a network mean, and how they become a forecast. A head has the same number of outputs for each
 * target and step of the horizon, side by side: [targets][horizon][outputs]. Heads know neither units nor files.
 */
export interface Head {
  /**
   * 'point': one output, the forecast itself; the quantiles of such a forecaster are the forecast plus `residuals`.
   * 'quantiles': one output for each level. 'distribution': the parameters of a distribution, which gives every
   * quantile. 'classes': the probability of each class, and no quantile.
   */
  readonly gives: 'point' | 'quantiles' | 'distribution' | 'classes';

  /**
   * What is learned: 'numbers' on the network's scale, 'counts', which are whole numbers from 0 in a unit of their
   * series, or 'classes', which are words.
   */
  readonly truths: 'numbers' | 'counts' | 'classes';

  /** The family of the distribution, of a head that gives one. */
  readonly family?: Family;

  /**
   * Names of the numbers that a forecast has beside its mean and quantiles, such as the parameters of a distribution:
   * one number of each for each target and step. Without this method there are none.
   */
  beside?(of: HeadChoice): readonly string[];

  /** Outputs for each target and step. */
  outputs(of: HeadChoice): number;

  /**
   * Outputs of one step before any learning, so that learning begins from a sensible forecast. `changes`, ascending,
   * are the true values in training: on the network's scale, less the last value if `anchored`; counts in their unit,
   * and places of classes. Without this method the outputs are 0.
   */
  start?(changes: Float32Array, of: HeadChoice, anchored: boolean): number[];

  /** Makes the function that reads the outputs of a forecaster: made once, called for each sample. */
  reader(form: ReadForm): ReadTarget;
}

/** The part of a forecaster's description that its head depends on. */
export interface HeadChoice {
  /** Levels of the quantiles of a forecast, ascending. */
  readonly levels: readonly number[];
  /** The words of the classes; for a head of classes. */
  readonly classes?: readonly string[];
}

/** What is the same for all forecasts of a forecaster. */
export interface ReadForm extends HeadChoice {
  readonly horizon: number;
  /** targets * horizon: the distance between one quantile and the next among the numbers of a forecast. */
  readonly count: number;
  /**
   * What is added to a point forecast for each quantile, or to quantiles to correct them, [targets * horizon][levels]
   * on the network's scale.
   */
  readonly residuals: Float32Array | undefined;
}

/**
 * Reads one target. Its outputs, [horizon][outputs] from index `from` on, become its mean, its quantiles and what the
 * head adds, from index `at` on in `numbers`, [1 + levels + beside][targets][horizon]. An output y of step s stands for
 * `base[s] + std * y` in the target's own unit. Allocates nothing.
 */
export type ReadTarget = (
  output: Float32Array,
  from: number,
  base: Float64Array,
  std: number,
  numbers: Float64Array,
  at: number,
) => void;
