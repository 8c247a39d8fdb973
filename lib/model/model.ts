import { misfit } from '../base/errors.ts';
import type { NetworkSpec } from '../network/network-spec.ts';
import type { Bounds } from './bounds.ts';
import type { Channels } from './channels.ts';
import type { Gap } from './gap.ts';
import type { CalendarDescription } from './inputs/calendar.ts';
import type { CycleDescription } from './inputs/cycle.ts';
import type { ScaleDescription } from './inputs/running-scale.ts';
import type { Loss } from './heads/heads.ts';
import type { ModelState, StateOptions } from './model-state.ts';
import type { ModelStates } from './model-states.ts';
import type { PathsDescription } from './paths.ts';
import type { Scaler } from './scaler.ts';

/** What a model takes and forecasts. */
export interface ModelDescription {
  /** One for each value of a sample, in order. */
  readonly inputs: readonly InputDescription[];
  /** What is forecast, by name: inputs, unless the model is one of the present. */
  readonly targets: readonly string[];
  /** The words of the one target, if that is a category: the model gives the probability of each. */
  readonly classes?: readonly string[];
  /**
   * True for a model of the present: its one step is the sample itself and not the next one, and its target, the class
   * of the sample, is none of its inputs.
   */
  readonly present?: true;
  /**
   * That each target is a stream of its own through the network, with an embedding or without; left out by a model
   * whose network reads all inputs together.
   */
  readonly channels?: Exclude<Channels, 'joint'>;
  /** What is made of the times of samples, which must then all have one; left out by a model that reads none. */
  readonly calendar?: CalendarDescription;
  /** The rhythm of the targets whose course the model knows; left out for none. Samples must then all have a time. */
  readonly cycle?: CycleDescription;
  /** The scale that each stream has of its own; left out by a model with one scale for all. */
  readonly scale?: ScaleDescription;
  /**
   * Which earlier values of the targets the network reads: those so many steps before the value that it forecasts next,
   * from 2 on; left out for none.
   */
  readonly lags?: readonly number[];
  /** Time between samples [ms]; null if not known. */
  readonly interval: number | null;
  /** Samples of history that a forecast uses; by default a longer gap resets a stream. */
  readonly lookback: number;
  /** Samples until a state is ready: 1 to `lookback`; `lookback` if left out. */
  readonly warmup?: number;
  /** Steps that are forecast, all at once: 1 to `horizon` samples ahead. */
  readonly horizon: number;
  /** Levels of the quantiles in a forecast: ascending, inside (0, 1). Empty for a model of means only. */
  readonly levels: readonly number[];
  /** The loss that it was trained with, and with it what its forecasts hold beside mean and quantiles. */
  readonly loss?: Loss;
  /**
   * Present if a forecast is drawn from the network step by step, as sample paths, which it then holds in place of what
   * the loss gives. The network forecasts one step, and reads one step of what is known ahead.
   */
  readonly paths?: PathsDescription;
  /**
   * How much each step of a forecast goes with the step before, [targets][horizon - 1]: the correlation of their normal
   * scores over the validation rows. Paths of `Forecast.paths` need it; left out if it is not known.
   */
  readonly dependence?: readonly (readonly number[])[];
  /** Bounds of each target, which all its forecasts keep to; left out if no target has any. */
  readonly bounds?: readonly Bounds[];
  /**
   * How missing values were filled in training, and are in streams and tables if nothing else is asked for. Left out by
   * a model that has learned without missing values.
   */
  readonly gap?: Gap;
  /** The recurrent network, whose hidden vectors a stream can watch and adapt; left out by a model without one. */
  readonly network?: Readonly<NetworkSpec>;
}

/** One input of a model: a number, or a category if it has words. */
export interface InputDescription {
  readonly name: string;
  readonly unit?: string;
  /** The words of a category that the model has learned, all different. A sample gives one of them, or another word. */
  readonly words?: readonly string[];
  /** The share of each word in the training rows that have one of them. With `words`. */
  readonly shares?: readonly number[];
  /** The input that is known ahead, of which this one is the value `ahead` steps later. */
  readonly of?: string;
  /** Steps ahead, from 1 to the horizon. With `of`. */
  readonly ahead?: number;
}

/** Samples that a state must take until its forecasts are as good as they get. */
export function readyAfter({ warmup, lookback }: Pick<ModelDescription, 'warmup' | 'lookback'>): number {
  return warmup ?? lookback;
}

/** Whether a model makes something from the times of samples, which must then all have one. */
export function readsTimes({ calendar, cycle }: Pick<ModelDescription, 'calendar' | 'cycle'>): boolean {
  return calendar !== undefined || cycle !== undefined;
}

/** The name of the method that makes the states of a model. An object with this method is a model. */
export const makeStates: unique symbol = Symbol('model states');

/**
 * Anything that forecasts a stream sample by sample: a `Forecaster`, or one of `baselines`. It never changes and may
 * serve any number of streams.
 */
export interface Model {
  readonly description: ModelDescription;
  /** Mean and standard deviation of each input in the training data; undefined for a model without them. */
  readonly scaler: Scaler | undefined;
  /** SHA-256 of everything its forecasts depend on, in hexadecimal digits: a snapshot fits models with the same. */
  readonly fingerprint: string;
  /** The state of a new stream. Throws `invalid-argument` for a wrong option. */
  createState(options?: StateOptions): ModelState;
  /** The states of `capacity` new streams; `spare` numbers in the row of each are the caller's. */
  [makeStates](capacity: number, spare?: number): ModelStates;
}

export function isModel(value: unknown): value is Model {
  try {
    return typeof (value as Model)[makeStates] === 'function';
  } catch {
    return false;
  }
}

/** Throws `invalid-argument` for a value that is not a model; `others` are what may stand in its place. */
export function checkModel(value: unknown, name = 'model', ...others: readonly string[]): asserts value is Model {
  if (isModel(value)) return;
  const last = others.at(-1);
  const what = ['a Forecaster', last ? 'a baseline' : 'or a baseline', ...others.slice(0, -1)].join(last ? ', ' : ' ');
  throw misfit(last ? `${what} or ${last}` : what, name, value, callHint(value));
}

/** For `baselines.last` in place of `baselines.last()`. */
function callHint(value: unknown): string {
  return typeof value === 'function' ? ' A baseline is what the function returns.' : '';
}

/** Throws `invalid-argument` for a model of a category; `what` needs numbers. */
export function checkNumbers({ description }: Pick<Model, 'description'>, what: string): void {
  if (description.classes) throw misfit('a model that forecasts numbers', what, 'a model of a category');
}

/** The scaler of a model. Throws `invalid-argument` for a model without one; `what` needs it. */
export function scalerOf({ scaler }: Pick<Model, 'scaler'>, what: string): Scaler {
  if (scaler) return scaler;
  throw misfit('a model with a scaler', what, 'a model without');
}

/** The recurrent network of a model. Throws `invalid-argument` for a model without one; `what` needs it. */
export function networkOf({ description }: Pick<Model, 'description'>, what: string): Readonly<NetworkSpec> {
  if (description.network) return description.network;
  throw misfit('a model with a recurrent network', what, 'a model without');
}
