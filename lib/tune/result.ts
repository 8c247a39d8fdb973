import type { BaselineComparison } from '../batch/compare-with-baselines.ts';
import type { SeriesScore } from '../batch/score.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import type { TrainProgress } from '../train/learn.ts';
import type { Setting } from './settings.ts';

/** One training of a search, and its error on the validation rows. */
export interface TuneTrial {
  /** Its number, from 1. */
  readonly number: number;
  /** The round of the search, from 0, and the step of it: the later ones have more passes. */
  readonly round: number;
  readonly step: number;
  readonly setting: Setting;
  /** Most passes that it was given. */
  readonly epochs: number;
  /** Mean squared and absolute error on scaled values in the validation rows; NaN if `failure` is set. */
  readonly mse: number;
  readonly mae: number;
  /** Time to train [s]. */
  readonly seconds: number;
  /** When it was done, since the search began [s]. */
  readonly at: number;
  /** Why the setting cannot be trained, as a sentence. */
  readonly failure?: string;
}

/** What `tune` finds. */
export interface Tuning {
  /** The trial with the least error on the validation rows. */
  readonly best: TuneTrial;
  /** The trial of the default setting with all passes; undefined if the time was over before. */
  readonly defaults: TuneTrial | undefined;
  /** All trials, in the order in which they were run. */
  readonly trials: readonly TuneTrial[];
  /** What came of it in plain words, the most important first. */
  readonly sentences: readonly string[];
  /** The model of the best trial. Whoever takes it disposes of it. */
  readonly model: TrainedModel;
  /** Its score on the test rows, and the model beside the baselines there. */
  readonly score: SeriesScore;
  readonly baselines: BaselineComparison;
  /** The first test row of each series by key. */
  readonly from: ReadonlyMap<string, number>;
  /** What the budget and the data did to the search, in sentences. */
  readonly notes: readonly string[];
  /** Time of the search, with the runs before that were interrupted [s]. */
  readonly seconds: number;
}

/** How far a search is. */
export interface TuneProgress {
  /** Trials done. */
  readonly done: number;
  /** Time of the search so far, with the runs before that were interrupted, and its budget [s]. */
  readonly seconds: number;
  readonly budget: number;
  /** The setting whose training runs, and its progress. */
  readonly setting: Setting;
  readonly training?: TrainProgress<TrainedModel>;
  /** The best trial so far. */
  readonly best?: TuneTrial;
  /** The result; set on the last emission only. */
  readonly result?: Tuning;
}
