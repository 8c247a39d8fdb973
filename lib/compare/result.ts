import type { BaselineComparison } from '../batch/compare-with-baselines.ts';
import type { SeriesScore } from '../batch/score.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import type { CellName } from '../network/cells.ts';
import type { TrainProgress } from '../train/learn.ts';
import type { ModelName } from '../train/models/names.ts';
import type { Recommendation } from './recommend.ts';

/** The losses after a pass, on scaled values. */
export interface CurvePoint {
  readonly pass: number;
  readonly training: number;
  readonly validation: number;
}

/** One training and its score on the test rows. */
export interface Trial {
  readonly candidate: string;
  readonly seed: number;
  /** Passes done, and the one whose weights were kept. */
  readonly passes: number;
  readonly bestPass: number;
  /** Time to train [s]. */
  readonly seconds: number;
  /** Time of one step of one stream with its forecast, on this machine [us]. */
  readonly stepMicroseconds: number;
  readonly curve: readonly CurvePoint[];
  readonly score: SeriesScore;
}

/** A candidate over all its seeds. */
export interface CandidateResult {
  readonly name: string;
  /** The kind of model. */
  readonly kind: ModelName;
  readonly cell: CellName;
  readonly hidden: number;
  readonly parameters: number;
  readonly seeds: number;
  /** Mean over seeds, and their standard deviation with n - 1 below: 0 for one seed. On scaled values. */
  readonly mse: number;
  readonly mseSpread: number;
  /** Mean over seeds, in the user's units. */
  readonly mae: number;
  readonly mase: number;
  /** Time to train [s], a mean over seeds, and of one step of a stream [us], the least of them. */
  readonly seconds: number;
  readonly stepMicroseconds: number;
  /** Memory of one stream, and the size of the model's file [bytes]. */
  readonly streamBytes: number;
  readonly fileBytes: number;
}

/** What `compare` finds out. */
export interface ModelComparison {
  readonly recommendation: Recommendation;
  readonly candidates: readonly CandidateResult[];
  readonly trials: readonly Trial[];
  /** The name of the chosen network. */
  readonly chosen: string;
  /** The chosen network beside the baselines, on the test rows. */
  readonly baselines: BaselineComparison;
  /** The chosen network, of the seed with the median error. Whoever takes it disposes of it. */
  readonly model: TrainedModel;
  /** The first test row of each series by key. */
  readonly from: ReadonlyMap<string, number>;
  /** What the budget and the rows did to the comparison, in sentences. */
  readonly notes: readonly string[];
  /** Time for everything [s]. */
  readonly seconds: number;
}

/** How far a comparison is. */
export interface CompareModelsProgress {
  /** Trainings done, and how many are planned. */
  readonly done: number;
  readonly trials: number;
  /** The training that runs, by candidate and seed, and its progress. */
  readonly candidate: string;
  readonly seed: number;
  readonly training?: TrainProgress<TrainedModel>;
  /** The result; set on the last emission only. */
  readonly result?: ModelComparison;
}
