import type { StateDict } from '../base/tensor.ts';
import type { OptimiserState } from '../network/optimiser-state.ts';
import type { JudgeState } from './judge.ts';

/** The progress of learning after a pass over the training windows. */
export interface PassProgress {
  /** Passes done; 0 before learning. */
  epoch: number;
  /** Most passes. As soon as their number is known, those of `refit` are included. */
  epochs: number;
  /** Mean loss on scaled values over the pass. */
  trainLoss: number;
  /** Mean loss on the validation rows. While `refit` learns from these rows too, it stays the loss of the best pass. */
  validationLoss: number;
  /** The pass with the lowest validation loss so far: its weights are kept. */
  bestEpoch: number;
  /** Mean global norm before clipping; 0 at epoch 0. */
  gradientNorm: number;
  /** Training samples per second in this pass; 0 at epoch 0. */
  samplesPerSecond: number;
}

/** The pass that is under way. All but `windows` are sums over its windows. */
export interface PassSums {
  /** Windows done. */
  readonly windows: number;
  readonly loss: number;
  readonly norm: number;
  readonly seconds: number;
}

/** The pass with the lowest validation loss so far, and its weights. */
export interface Best {
  readonly progress: PassProgress;
  readonly weights: StateDict;
}

/** Where learning is. With the data and the options, learning goes on from here with the same bits. */
export interface Course {
  /** After the last pass that is done. */
  readonly progress: PassProgress;
  readonly best: Best;
  readonly judge: JudgeState;
  readonly pass: PassSums;
  readonly weights: StateDict;
  /** The mean of the weights over the last passes, which is what is judged and kept. */
  readonly average: StateDict;
  readonly optimiser: OptimiserState;
  /** The progress of learning again from all rows, after the last pass that is done; undefined before. */
  readonly again?: PassProgress | undefined;
}

export const NOTHING_DONE: PassSums = { windows: 0, loss: 0, norm: 0, seconds: 0 };
