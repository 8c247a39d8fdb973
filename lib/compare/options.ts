import { type Duration, milliseconds } from '../base/duration.ts';
import { misfit } from '../base/errors.ts';
import { abortSignal, type Check, object, oneOf, whole } from '../base/schema.ts';
import { isRecord, reading } from '../base/values.ts';
import type { TrainOptions } from '../train/options.ts';

export interface CompareModelsOptions {
  /** The options of `train` that all models share. `hidden` is the size of the GRU, and of the LSTM of equal size. */
  train: Omit<TrainOptions, 'cell' | 'seed' | 'split' | 'projSize' | 'checkpoint' | 'checkpointEvery'>;
  /** How often each network is trained, with the seeds 1, 2 and so on: 1 to 20; default 3. */
  seeds?: number;
  /** How long all of it may take; default '5m'. At 85 % of it, the training that runs is stopped. */
  budget?: Duration;
  /** Rows at the end of each series that decide, and that nothing is fitted to; default the last 15 %. */
  test?: number;
  /** Ends the comparison early: the result is of the trainings that were done until then. */
  stop?: AbortSignal;
}

export interface CheckedOptions {
  readonly train: CompareModelsOptions['train'];
  readonly seeds: number;
  /** [ms] */
  readonly budget: number;
  readonly test: number | undefined;
  readonly stop: AbortSignal | undefined;
}

/** What the comparison itself decides. */
const DECIDED = ['cell', 'seed', 'split', 'projSize', 'checkpoint', 'checkpointEvery', 'from'];
/** The models of which there is one with a GRU and one with an LSTM, of any size. */
const checkModel = oneOf('recurrent', 'deepar');

const checkTrain: Check<CompareModelsOptions['train']> = (value, name) => {
  if (!isRecord(value)) throw misfit('options of train', name, value);
  const copy = reading(name, () => ({ ...value })) as CompareModelsOptions['train'];
  const decided = DECIDED.find((field) => (copy as Record<string, unknown>)[field] !== undefined);
  if (decided !== undefined) throw misfit('no option that the comparison decides', name, decided);
  if (copy.model !== undefined) checkModel(copy.model, `${name}.model`);
  return copy;
};

const check = object<CompareModelsOptions>(
  {
    train: checkTrain,
    seeds: whole(1, 20),
    budget: (value, name) => {
      if (milliseconds(value, name) <= 0) throw misfit('a time above 0', name, value);
      return value as Duration;
    },
    test: whole(1, Number.MAX_SAFE_INTEGER),
    stop: abortSignal,
  },
  ['seeds', 'budget', 'test', 'stop'],
);

/** Throws `invalid-argument`. */
export function checkCompareOptions(options: unknown): CheckedOptions {
  const { train, seeds = 3, budget = '5m', test, stop } = check(options, 'options');
  return { train, seeds, budget: milliseconds(budget, 'options.budget'), test, stop };
}
