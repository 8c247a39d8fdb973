import { attachable, type AttachedStates } from './attached-states.ts';
import { type Handle, native, nativeHandle, type NativeNetwork, releaseNow, releaseWith } from './native.ts';
import { wholeNumber } from './options.ts';

/**
 * How a network stands for a plant: its input holds what is measured at a step and the actions taken then, its head
 * gives what will be measured at the next. An input takes (value - mean) / deviation.
 */
export interface Dynamics {
  /** Of each value of the head, the input that it is at the next step. */
  readonly outputs: Int32Array;
  /** Of each input. */
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  /** Whether the head gives the change from the last value, not the value. */
  readonly anchor: boolean;
  /** No scaled input is larger. */
  readonly limit: number;
  /** Whether each step begins from the zero state, whatever came before. */
  readonly feedForward: boolean;
}

/** A native roll-out, with the arrays that it writes. */
export class AttachedRollout {
  /** After each action, [samples][horizon][outputs]. */
  readonly outputs: Float32Array;
  /** Of each sample, the steps that could be told; from there on its outputs stay what they were. */
  readonly steps: Int32Array;
  readonly #handle: Handle;

  /**
   * `samples` sequences of actions over `horizon` steps, 1 to 2^24 each, shared by 1 to 64 threads. Throws
   * `invalid-argument` for what is out of range or does not fit the network, RangeError for more memory than there is.
   */
  constructor(network: NativeNetwork, dynamics: Dynamics, samples: number, horizon: number, threads: number) {
    wholeNumber(samples, 'samples', 1, 2 ** 24);
    wholeNumber(horizon, 'horizon', 1, 2 ** 24);
    this.outputs = new Float32Array(attachable(samples * horizon * network.spec.headSize));
    this.steps = new Int32Array(attachable(samples));
    this.#handle = native.createRollout(network[nativeHandle], dynamics, samples, horizon, threads);
    releaseWith(this, this.#handle);
  }

  /**
   * Rolls out from a slot of states of a network of the same shape, which stays as it is and has not yet taken
   * `measured`; `actions` are [samples][horizon][actions]. Throws `invalid-shape` or `invalid-argument` for another
   * number of values or one that is not finite.
   */
  run(states: AttachedStates, slot: number, measured: Float64Array, actions: Float32Array): void {
    native.runRollout(this.#handle, states.handle, slot, measured, actions, this.outputs, this.steps);
  }

  dispose(): void {
    releaseNow(this, this.#handle);
  }
}
