import type { StateDict } from '../base/tensor.ts';
import type { RunResult } from '../network/native.ts';
import type { OptimiserState } from '../network/optimiser-state.ts';

/**
 * Weights that learn from windows, off the main thread: all that `learn` asks of a native trainer. Windows are known by
 * their first rows. Every call but `cancel` and `dispose` throws `busy` while `run` or `evaluate` works.
 */
export interface Trainable {
  /** Takes one step of the optimiser for each batch of windows, in the given order. */
  run(starts: Int32Array, learningRate: number): Promise<RunResult>;
  /** The mean loss over windows, without dropout or learning. */
  evaluate(starts: Int32Array): Promise<RunResult>;
  /** Lets a running call end after its present batch. */
  cancel(): void;
  /** A copy of the weights. */
  stateDict(): StateDict;
  loadStateDict(weights: StateDict): void;
  /** A copy of the state of the optimiser. */
  optimiser(): OptimiserState;
  loadOptimiser(state: OptimiserState): void;
  dispose(): void;
}
