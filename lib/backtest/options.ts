import { misfit } from '../base/errors.ts';
import { boolean, type Check, object, oneOf, whole } from '../base/schema.ts';
import { isRecord, reading } from '../base/values.ts';
import { checkSeason } from '../accuracy/scaled.ts';
import { checkPathCount, type EvaluatedModel } from '../batch/evaluate-options.ts';
import type { Data } from '../data/series.ts';
import type { EsrnnOptions, SegmentOptions, TrainOptions } from '../train/options.ts';

/** Makes a model from training rows, which are a table or series as the data is. */
export type ModelTrainer = (rows: Data) => EvaluatedModel | Promise<EvaluatedModel>;

export interface BacktestOptions {
  /** How models are trained: the options of `train`, or a function that makes a model from the training rows. */
  train: TrainOptions | SegmentOptions | EsrnnOptions | ModelTrainer;
  /** Steps ahead that are forecast: default those of the options of `train`; required for a function. */
  horizon?: number;
  /**
   * Steps before the first origin, of which all but `gap` are learned from. Default half of the data, or as `origins`.
   */
  initial?: number;
  /** How many origins there are, the last of them a horizon before the end of the data; in place of `initial`. */
  origins?: number;
  /** Steps between two origins; default the horizon, with which no value is forecast twice. */
  stride?: number;
  /** Steps right before an origin from which nothing is learned; default 0. They are still inputs of its forecast. */
  gap?: number;
  /**
   * 'expanding' (the default) learns from all steps before the gap, 'sliding' from as many as the first training had.
   * In both, the inputs of a forecast reach back to the first step.
   */
  mode?: 'expanding' | 'sliding';
  /** True (the default) to train anew for each origin, a number for each so many, false for the first only. */
  refit?: boolean | number;
  /** As for `evaluate`. */
  season?: number;
  /** As for `evaluate`. */
  scale?: 'global' | 'series';
  /** As for `evaluate`. */
  paths?: number;
}

/** The options with all defaults that do not depend on the data. */
export type CheckedOptions = Readonly<
  BacktestOptions & Required<Pick<BacktestOptions, 'horizon' | 'stride' | 'gap' | 'mode'>>
> & {
  /** Origins for each training; Infinity for one training. */
  readonly refit: number;
};

const MOST = Number.MAX_SAFE_INTEGER;
const trainer: Check<BacktestOptions['train']> = (value, name) => {
  if (typeof value === 'function') return value as ModelTrainer;
  if (isRecord(value)) return value as TrainOptions;
  throw misfit('options of train, or a function that makes a model,', name, value);
};
const refits: Check<boolean | number> = (value, name) =>
  typeof value === 'number' ? whole(1, MOST)(value, name) : boolean(value, name);
const checkHorizon = whole(1, 65_536);
/** 0 for the class of the newest step, which is one step. */
const checkLearned = whole(0, 65_536);
const checkOptions = object<BacktestOptions>(
  {
    train: trainer,
    horizon: checkHorizon,
    initial: whole(1, MOST),
    origins: whole(1, MOST),
    stride: whole(1, MOST),
    gap: whole(0, MOST),
    mode: oneOf('expanding', 'sliding'),
    refit: refits,
    season: checkSeason,
    scale: oneOf('global', 'series'),
    paths: checkPathCount,
  },
  ['horizon', 'initial', 'origins', 'stride', 'gap', 'mode', 'refit', 'season', 'scale', 'paths'],
);

/** Throws `invalid-argument`. */
export function checkBacktestOptions(options: unknown): CheckedOptions {
  const given = checkOptions(options, 'options');
  const { train, refit = true } = given;
  if (given.initial !== undefined && given.origins !== undefined) {
    throw misfit('nothing beside options.initial', 'options.origins', given.origins);
  }
  const learned = typeof train === 'function' ? undefined : reading('options.train', () => train.horizon);
  const name = typeof train === 'function' ? 'options.horizon' : 'options.train.horizon';
  const horizon =
    typeof train === 'function' ? checkHorizon(given.horizon, name) : Math.max(1, checkLearned(learned, name));
  if (given.horizon !== undefined && given.horizon !== horizon) {
    throw misfit(`${horizon}, as in options.train,`, 'options.horizon', given.horizon);
  }
  return {
    ...given,
    horizon,
    stride: given.stride ?? horizon,
    gap: given.gap ?? 0,
    mode: given.mode ?? 'expanding',
    refit: refit === true ? 1 : refit === false ? Number.POSITIVE_INFINITY : refit,
  };
}
