import { type Duration, milliseconds } from '../base/duration.ts';
import { misfit } from '../base/errors.ts';
import { abortSignal, type Check, isList, list, object, oneOf, whole } from '../base/schema.ts';
import { isRecord, reading } from '../base/values.ts';
import type { TrainOptions } from '../train/options.ts';
import { checkTraining } from '../train/train.ts';

export interface CompareModelsOptions {
  /** The options of `train` that all models share. `hidden` is the size of the GRU, and of the LSTM of equal size. */
  train: Omit<TrainOptions, 'cell' | 'seed' | 'split' | 'projSize' | 'checkpoint' | 'checkpointEvery'>;
  /** How often each network is trained, with the seeds 1, 2 and so on: 1 to 20; default 3. Or the seeds themselves. */
  seeds?: number | readonly number[];
  /** How long all of it may take; default '5m'. At 85 % of it, the training that runs is stopped. */
  budget?: Duration;
  /** Rows at the end of each series that decide, and that nothing is fitted to; default the last 15 %. */
  test?: number;
  /** Ends the comparison early: the result is of the trainings that were done until then. */
  stop?: AbortSignal;
}

export interface CheckedOptions {
  readonly train: CompareModelsOptions['train'];
  readonly seeds: readonly number[];
  /** [ms] */
  readonly budget: number;
  readonly test: number | undefined;
  readonly stop: AbortSignal | undefined;
}

const MOST_SEEDS = 20;

/** What the comparison itself decides. */
const DECIDED = ['cell', 'seed', 'split', 'projSize', 'checkpoint', 'checkpointEvery', 'from'];
/** The models of which there is one with a GRU and one with an LSTM, of any size. */
const checkModel = oneOf('recurrent', 'deepar');

/** Options of `train` without those that `who` decides, and of a kind of model that `kind` takes. */
export function sharedTraining<T extends object>(
  who: string,
  decided: readonly string[],
  kind?: Check<unknown>,
): Check<T> {
  return (value, name) => {
    if (!isRecord(value)) throw misfit('options of train', name, value);
    const copy = reading(name, () => ({ ...value })) as Partial<TrainOptions>;
    const wrong = decided.find((field) => copy[field as keyof TrainOptions] !== undefined);
    if (wrong !== undefined) throw misfit(`no option that ${who} decides`, name, wrong);
    if (copy.model !== undefined) kind?.(copy.model, `${name}.model`);
    checkTraining(copy as TrainOptions);
    return copy as T;
  };
}

const checkTrain = sharedTraining<CompareModelsOptions['train']>('the comparison', DECIDED, checkModel);

/** A time above 0. */
export const checkBudget: Check<Duration> = (value, name) => {
  if (milliseconds(value, name) <= 0) throw misfit('a time above 0', name, value);
  return value as Duration;
};

export const checkTest = whole(1, Number.MAX_SAFE_INTEGER);

const count = whole(1, MOST_SEEDS);
const listed = list(whole(0, 2 ** 31 - 1), 1, MOST_SEEDS);
const checkSeeds: Check<number | readonly number[]> = (value, name) => {
  if (!isList(value)) return count(value, name);
  const seeds = listed(value, name);
  if (new Set(seeds).size === seeds.length) return seeds;
  throw misfit('different seeds', name, seeds.join(', '));
};

const check = object<CompareModelsOptions>(
  {
    train: checkTrain,
    seeds: checkSeeds,
    budget: checkBudget,
    test: checkTest,
    stop: abortSignal,
  },
  ['seeds', 'budget', 'test', 'stop'],
);

/** Throws `invalid-argument`. */
export function checkCompareOptions(options: unknown): CheckedOptions {
  const { train, seeds = 3, budget = '5m', test, stop } = check(options, 'options');
  const each = typeof seeds === 'number' ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds;
  return { train, seeds: each, budget: milliseconds(budget, 'options.budget'), test, stop };
}
