import type { Log } from '../data/runs.ts';
import { misfit } from '../base/errors.ts';
import { abortSignal, callable, type Check, oneOf, object, whole } from '../base/schema.ts';
import type { TrainProgress } from './learn.ts';
import { fields, names, type ResolvedOptions, resolveOptions, type TrainOptions } from './options.ts';

/**
 * Which columns of a log are the plant's, and how to learn it. Only `inputs` and `outputs` are required. Options shared
 * with `TrainOptions` have the same defaults, except `epochs` 80, `patience` as many as `epochs`, `learningRate` 0.005
 * and `batchSize` 32.
 */
export interface DynamicsOptions
  extends Pick<
    TrainOptions,
    | 'cell'
    | 'hidden'
    | 'layers'
    | 'anchor'
    | 'epochs'
    | 'patience'
    | 'learningRate'
    | 'batchSize'
    | 'weightDecay'
    | 'clipNorm'
    | 'seed'
    | 'interval'
  > {
  /** The actions, in the order in which roll-outs take them. */
  inputs: string | readonly string[];
  /** The measured outputs of the plant, which the models predict. */
  outputs: string | readonly string[];
  /** Steps of each roll-out in training, 1 to 4096; default 16. Later roll-outs may be longer. */
  steps?: number;
  /** Measured samples before each roll-out in training; default 64, fewer if complete rows are few. */
  lookback?: number;
  /**
   * 'carried' (the default) keeps the state from step to step. 'none' starts each step from the zero state: a network
   * without memory, for plants whose outputs are their whole state.
   */
  memory?: 'carried' | 'none';
  /** The loss to minimise over the steps of roll-outs; default 'mse'. */
  loss?: 'mse' | 'mae';
  /**
   * How many models to learn, 1 to 64, each from its own draw of the windows and its own initial weights; default 1.
   */
  members?: number;
  /**
   * Runs to report on. Without them, the report is on the last rows of the log, which are then kept out of training.
   */
  test?: Log;
  /** Cancels the training; the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
  /** Called before learning and after each pass of each member. */
  onEpoch?: (progress: DynamicsProgress) => void;
}

/** The progress of one member. */
export interface DynamicsProgress extends Omit<TrainProgress, 'forecaster' | 'notes'> {
  member: number;
}

/** The options with every default filled in; `train` are the resulting options of one network. */
export interface ResolvedDynamics {
  readonly train: Omit<ResolvedOptions, 'inputs'> & { readonly inputs: readonly string[] };
  readonly lookback: number | undefined;
  readonly steps: number;
  readonly members: number;
  readonly test: Log | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onEpoch: ((progress: DynamicsProgress) => void) | undefined;
}

type Given = Omit<DynamicsOptions, 'inputs' | 'outputs'> & { inputs: readonly string[]; outputs: readonly string[] };

const { cell, hidden, layers, anchor, epochs, patience, learningRate, batchSize } = fields;
const { weightDecay, clipNorm, seed, interval, lookback } = fields;
const shared = { cell, hidden, layers, anchor, epochs, patience, learningRate, batchSize, weightDecay, clipNorm };
const anything: Check<never> = (value) => value as never; // checked where it is used
const own: { [K in Exclude<keyof Given, keyof typeof shared>]-?: Check<Exclude<Given[K], undefined>> } = {
  inputs: names,
  outputs: names,
  seed,
  interval,
  lookback,
  steps: whole(1, 4096),
  memory: oneOf('carried', 'none'),
  loss: oneOf('mse', 'mae'),
  members: whole(1, 64),
  test: anything,
  signal: abortSignal,
  onEpoch: callable,
};
const all = { ...shared, ...own };
const optional = Object.keys(all).filter((name) => name !== 'inputs' && name !== 'outputs') as (keyof Given)[];
const check = object<Given>(all, optional);

/**
 * Fills in the defaults. Throws `invalid-argument` for an unknown name, suggesting the nearest one, and for a value out
 * of range.
 */
export function resolveDynamics(options: DynamicsOptions): ResolvedDynamics {
  const given = check(options, 'options');
  const { inputs, outputs, memory = 'carried', test, signal, onEpoch, ...others } = given;
  const { steps = 16, members = 1, epochs: passes = 80, ...network } = others;
  const both = inputs.find((name) => outputs.includes(name));
  if (both !== undefined) {
    throw misfit('names that are not outputs', 'options.inputs', both);
  }
  if (memory === 'none' && given.lookback !== undefined && given.lookback > 1) {
    throw misfit('1 without memory', 'options.lookback', given.lookback);
  }
  const columns = [...outputs, ...inputs];
  const train = resolveOptions({
    patience: passes, // the learning rate falls to 0 over the passes, and the last passes gain much
    learningRate: 5e-3,
    batchSize: 32, // windows of roll-outs are short
    rampUp: 0,
    loss: 'mse',
    ...network,
    epochs: passes,
    targets: outputs,
    inputs: columns,
    horizon: 1,
    memory: memory === 'none' ? 'window' : 'carried',
    calendar: 'none',
    cycle: 'none',
  });
  const lookback = memory === 'none' ? 1 : given.lookback;
  return { train: { ...train, inputs: columns }, lookback, steps, members, test, signal, onEpoch };
}

/** The options of a member. Each starts from other weights. */
export function memberOptions({ train }: ResolvedDynamics, member: number): ResolvedOptions {
  return { ...train, seed: (train.seed + member) % 2 ** 31 };
}
