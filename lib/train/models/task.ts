import type { StateDict } from '../../base/tensor.ts';
import type { HeadLayout } from '../../model/heads/heads.ts';
import type { TrainedModel } from '../../model/trained-model.ts';
import type { TrainingData } from '../data.ts';
import type { BestPass } from '../description.ts';
import type { Trainable } from '../trainable.ts';

/** What learning asks of a kind of model: all else is the same for every kind. */
export interface LearningTask<M extends TrainedModel> {
  /** The native trainer, at its starting weights. */
  createTrainer(data: TrainingData): Trainable;
  /** The windows on which each pass is validated, by their first rows. */
  validated(data: TrainingData): Int32Array;
  /**
   * By which share the validation loss of a later pass may be above the lowest for its weights to be kept. 0 keeps the
   * pass with the lowest.
   */
  tolerance(data: TrainingData): number;
  /** How many windows a pass learns from. */
  windowsOfPass(data: TrainingData): number;
  /** The layout of the rows of the head's weights. */
  readonly head: HeadLayout;
  /** Makes the model of a finished training; undefined if `signal` aborts meanwhile. */
  assemble(data: TrainingData, best: BestPass, weights: StateDict, signal: AbortSignal): Promise<M | undefined>;
  /** That model with the weights that were learned again from all rows. */
  refitted(model: M, weights: StateDict): M;
}
