import { elementCount, type StateDict } from '../base/tensor.ts';
import { type Handle, native, type ProbeResult, type RunResult, releaseNow, releaseWith } from './native.ts';
import { type OptimiserState, readOptimiser, writeOptimiser } from './optimiser-state.ts';
import { fromStateDict, toStateDict } from './state-dict.ts';

/** What all trainers can do, whatever network they train. Each learns from windows of one table. */
export abstract class NativeTrainer {
  readonly #shapes: Map<string, number[]>;
  protected readonly handle: Handle;
  readonly #parameterCount: number;

  /** `shapes`: those of the weights, in the order of the addon. */
  constructor(handle: Handle, shapes: Map<string, number[]>) {
    this.handle = handle;
    this.#shapes = shapes;
    this.#parameterCount = [...shapes.values()].reduce((sum, shape) => sum + elementCount(shape), 0);
    releaseWith(this, handle);
  }

  /**
   * Takes one step of the optimiser for each `batchSize` windows, in the given order. Losses and gradient norms (before
   * clipping) are means over the windows. Throws `busy` while another call runs.
   */
  run(starts: Int32Array, learningRate: number): Promise<RunResult> {
    return native.learn(this.handle, starts, learningRate);
  }

  /** The mean loss over windows, without dropout or learning. Throws `busy` while another call runs. */
  evaluate(starts: Int32Array): Promise<RunResult> {
    return native.evaluate(this.handle, starts);
  }

  /**
   * Measures how the gradients of the losses of windows flow back, without learning. Throws `busy` while another call
   * runs, and `invalid-argument` with dropout or free steps, and for segments with several threads.
   */
  probe(starts: Int32Array): Promise<ProbeResult> {
    return native.probe(this.handle, starts);
  }

  /** Lets a running call end after its current batch; does nothing otherwise. */
  cancel(): void {
    native.cancel(this.handle);
  }

  /** A copy of the present weights. Throws `busy` while a call runs. */
  stateDict(): StateDict {
    const flat = new Float32Array(this.#parameterCount);
    native.getTrainerParameters(this.handle, flat);
    return toStateDict(this.#shapes, flat);
  }

  /** Replaces the weights. Throws `busy` while a call runs. */
  loadStateDict(dict: StateDict): void {
    native.setTrainerParameters(this.handle, fromStateDict(this.#shapes, dict));
  }

  /** A copy of the state of the optimiser. Throws `busy` while a call runs. */
  optimiser(): OptimiserState {
    return readOptimiser(this.handle, this.#shapes, this.#parameterCount);
  }

  /** Replaces the state of the optimiser. Throws `busy` while a call runs. */
  loadOptimiser(state: OptimiserState): void {
    writeOptimiser(this.handle, this.#shapes, state);
  }

  /** Frees the native memory; a running call still ends by itself. */
  dispose(): void {
    releaseNow(this, this.handle);
  }
}
