import { type Duration, milliseconds } from '../base/duration.ts';
import { abortSignal, object, text, whole } from '../base/schema.ts';
import { checkBudget, checkTest, sharedTraining } from '../compare/options.ts';
import type { ModelName } from '../train/models/names.ts';
import type { TrainOptions } from '../train/options.ts';
import { checkTraining } from '../train/train.ts';

export interface TuneOptions {
  /** The options of `train` that all settings share. Those that are given here are not searched. */
  train: Omit<TrainOptions, 'model' | 'seed' | 'split' | 'checkpoint' | 'checkpointEvery'> & { model?: ModelName };
  /**
   * How long the search may take, with the runs before that were interrupted; default '20m'. At 85 % of it, the
   * training that runs is stopped.
   */
  budget?: Duration;
  /** Rows at the end of each series that no setting is chosen by: they judge the best one. Default the last 15 %. */
  test?: number;
  /** Of all trainings, and of the settings that are drawn: a whole number from 0; default 1. */
  seed?: number;
  /**
   * A file in which the search keeps where it is, with a second one beside it for the training that runs. If it is
   * there, the search goes on from it; it must be of the same data and options, but for the budget. It stays when the
   * search has ended.
   */
  checkpoint?: string;
  /** Ends the search early: the result is the best setting so far. */
  stop?: AbortSignal;
}

export interface CheckedOptions {
  readonly train: TuneOptions['train'];
  /** [ms] */
  readonly budget: number;
  readonly test: number | undefined;
  readonly seed: number;
  readonly checkpoint: string | undefined;
  readonly stop: AbortSignal | undefined;
}

/** What the search itself decides. */
const DECIDED = ['seed', 'split', 'checkpoint', 'checkpointEvery', 'from'];

const check = object<TuneOptions>(
  {
    train: sharedTraining<TuneOptions['train']>('the search', DECIDED),
    budget: checkBudget,
    test: checkTest,
    seed: whole(0, 2 ** 31 - 1),
    checkpoint: text(4096),
    stop: abortSignal,
  },
  ['budget', 'test', 'seed', 'checkpoint', 'stop'],
);

/** Throws `invalid-argument`. */
export function checkTuneOptions(options: unknown): CheckedOptions {
  const { train, budget = '20m', test, seed = 1, checkpoint, stop } = check(options, 'options');
  checkTraining(train as TrainOptions);
  return { train, budget: milliseconds(budget, 'options.budget'), test, seed, checkpoint, stop };
}
