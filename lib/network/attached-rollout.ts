import { attachable, type AttachedStates } from './attached-states.ts';
import { type Handle, native, nativeHandle, type NativeNetwork, releaseNow, releaseWith } from './native.ts';
import { whole } from '../base/schema.ts';

/**
 * How a network models a plant: its inputs are the measured values at a step and the actions taken then; its head
 * predicts the measured values at the next step. An input is (value - mean) / deviation.
 */
export interface Dynamics {
  /** For each output of the head, the input that it becomes at the next step. */
  readonly outputs: Int32Array;
  /** Per input. */
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  /** Whether the head predicts the change from the last value instead of the value. */
  readonly anchor: boolean;
  /** Largest magnitude of a scaled input that the network can take; a plan that exceeds it ends. */
  readonly limit: number;
  /** Whether each step starts from the zero state, whatever came before. */
  readonly feedForward: boolean;
}

/** A native roll-out, with the arrays that it writes. */
export class AttachedRollout {
  /** Predictions after each action, [samples][horizon][outputs]. */
  readonly outputs: Float32Array;
  /** For each sample, the number of steps that could be predicted; outputs of later steps are left as they were. */
  readonly steps: Int32Array;
  readonly #handle: Handle;

  /**
   * For `samples` sequences of actions over `horizon` steps, 1 to 2^24 each, shared by 1 to 64 threads. Throws
   * `invalid-argument` for values that are out of range or do not fit the network, and RangeError for more memory than
   * there is.
   */
  constructor(network: NativeNetwork, dynamics: Dynamics, samples: number, horizon: number, threads: number) {
    whole(1, 2 ** 24)(samples, 'samples');
    whole(1, 2 ** 24)(horizon, 'horizon');
    this.outputs = new Float32Array(attachable(samples * horizon * network.spec.headSize));
    this.steps = new Int32Array(attachable(samples));
    this.#handle = native.createRollout(network[nativeHandle], dynamics, samples, horizon, threads);
    releaseWith(this, this.#handle);
  }

  /**
   * Rolls out from the state in a slot, which must belong to a network of the same shape and not have taken `measured`
   * yet. The state is not changed. `actions` are [samples][horizon][actions]. Throws `invalid-shape` or
   * `invalid-argument` for a wrong number of values or one that is not finite.
   */
  run(states: AttachedStates, slot: number, measured: Float64Array, actions: Float32Array): void {
    native.runRollout(this.#handle, states.handle, slot, measured, actions, this.outputs, this.steps);
  }

  dispose(): void {
    releaseNow(this, this.#handle);
  }
}
