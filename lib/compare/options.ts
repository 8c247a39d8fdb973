import { type Duration, milliseconds } from '../base/duration.ts';
import { misfit } from '../base/errors.ts';
import { abortSignal, type Check, isList, list, object, oneOf, whole } from '../base/schema.ts';
import { isRecord, reading } from '../base/values.ts';
import { hasOption, type ModelName, modelNames } from '../train/models/names.ts';
import { checkSomeOptions, type EsrnnOptions, type SegmentOptions, type TrainOptions } from '../train/options.ts';
import { checkTraining } from '../train/train.ts';
import { optionsOfKind } from './candidates.ts';

export interface CompareModelsOptions {
  /**
   * The options of `train` that all models share; a kind of model takes those that it has. `hidden` is the size of
   * every network but the LSTM of equal parameters; without it, each kind has its own default.
   */
  train: Omit<TrainOptions, 'cell' | 'seed' | 'split' | 'projSize' | 'checkpoint' | 'checkpointEvery'> &
    Pick<SegmentOptions, 'segment' | 'normalise' | 'linear'> &
    Pick<EsrnnOptions, 'periods' | 'members'>;
  /**
   * The kinds of models, such as `['recurrent', 'segment']`; default that of `train`, or 'recurrent'. The first one is
   * compared with a GRU and with LSTMs, if its state is carried from row to row; all others with their default cell.
   */
  models?: readonly ModelName[];
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
  readonly models: readonly ModelName[];
  readonly seeds: readonly number[];
  /** [ms] */
  readonly budget: number;
  readonly test: number | undefined;
  readonly stop: AbortSignal | undefined;
}

const MOST_SEEDS = 20;

/** What the comparison itself decides. */
const DECIDED = ['cell', 'seed', 'split', 'projSize', 'checkpoint', 'checkpointEvery', 'from'];

/** A copy of options of `train`, each checked by itself, without those that `who` decides. */
export function sharedTraining<T extends object>(who: string, decided: readonly string[]): Check<T> {
  return (value, name) => {
    if (!isRecord(value)) throw misfit('options of train', name, value);
    const copy = reading(name, () => ({ ...value })) as Record<string, unknown>;
    const wrong = decided.find((field) => copy[field] !== undefined);
    if (wrong !== undefined) throw misfit(`no option that ${who} decides`, name, wrong);
    return checkSomeOptions(
      Object.fromEntries(Object.entries(copy).filter(([, each]) => each !== undefined)),
      name,
    ) as T;
  };
}

const checkTrain = sharedTraining<CompareModelsOptions['train']>('the comparison', DECIDED);
const checkModel = oneOf(...modelNames);

/** The kinds of models that are compared, after a check of the options of each. */
function kindsOf(train: CompareModelsOptions['train'], models: readonly ModelName[] | undefined): readonly ModelName[] {
  const { model } = train;
  if (models && model !== undefined) throw misfit('no option that models decides', 'options.train', 'model');
  const kinds = models ?? [model === undefined ? 'recurrent' : checkModel(model, 'options.train.model')];
  if (new Set(kinds).size < kinds.length) throw misfit('different kinds', 'options.models', kinds.join(', '));
  const given = Object.keys(train).filter((name) => train[name as keyof typeof train] !== undefined);
  const foreign = given.find((name) => !kinds.some((kind) => hasOption(kind, name)));
  if (foreign !== undefined) throw misfit(`options of ${kinds.join(' or ')}`, 'options.train', foreign);
  for (const kind of kinds) checkTraining(optionsOfKind(kind, train));
  return kinds;
}

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
    models: list(checkModel, 1, modelNames.length),
    seeds: checkSeeds,
    budget: checkBudget,
    test: checkTest,
    stop: abortSignal,
  },
  ['models', 'seeds', 'budget', 'test', 'stop'],
);

/** Throws `invalid-argument`. */
export function checkCompareOptions(options: unknown): CheckedOptions {
  const { train, models, seeds = 3, budget = '5m', test, stop } = check(options, 'options');
  const each = typeof seeds === 'number' ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds;
  return {
    train,
    models: kindsOf(train, models),
    seeds: each,
    budget: milliseconds(budget, 'options.budget'),
    test,
    stop,
  };
}
