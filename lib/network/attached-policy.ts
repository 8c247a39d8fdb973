import { type Handle, handOver, native, nativeHandle, type NativeNetwork, releaseNow, releaseWith } from './native.ts';

/**
 * How observations become what a network reads, when its memory is cleared, and how the numbers of its head become an
 * action: offset + scale * number, within low and high. An observation takes (value - mean) / deviation, cut off at
 * clip.
 */
export interface PolicyForm {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  readonly clip: number;
  /** Nothing is decided from a value that would be larger. */
  readonly limit: number;
  /** Index of the value that clears the memory, or -1. The number of observations: a value of its own after them. */
  readonly signal: number;
  /** Whether the signal clears the memory where it is 0, and not where it is not. */
  readonly clearedByZero: boolean;
  /** A longer time between two observations clears the memory, too [s]. */
  readonly resetAfter: number;
  /** Whether the head's numbers pass tanh. */
  readonly squash: boolean;
  /** Of each action. */
  readonly scale: Float64Array;
  readonly offset: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** The linear layers above a network's own head, with an activation before each. */
export interface DenseHead {
  /** The size of the network's head, then those of the layers. */
  readonly sizes: Int32Array;
  readonly activation: 'elu' | 'relu' | 'tanh';
  /** Of each layer its weight, [size][size below], then its bias. */
  readonly parameters: Float32Array;
}

/** A native policy in the course of one run, with the arrays that it reads and writes. */
export class AttachedPolicy {
  /** In the units of the user: the observations, then a signal that is none of them. */
  readonly values: Float64Array;
  /** The newest action. */
  readonly action: Float64Array;
  readonly #handle: Handle;

  /** Throws `invalid-argument` or `invalid-shape` for what does not fit the network. */
  constructor(network: NativeNetwork, head: DenseHead, form: PolicyForm) {
    this.#handle = native.createPolicy(network[nativeHandle], head, form);
    releaseWith(this, this.#handle);
    this.values = new Float64Array(Math.max(form.mean.length, form.signal + 1));
    this.action = new Float64Array(form.scale.length);
  }

  /**
   * Decides from `values`; `at` is their time [s], NaN where it is not known. False where one of them is not finite or
   * too large: `action` stays as it is, and so does the memory unless the signal clears it.
   */
  decide(at: number): boolean {
    return native.decide(this.#handle, at, this.values, this.action);
  }

  /** Its handle, which is the caller's from now on, and a native loop's. */
  handOver(): Handle {
    return handOver(this, this.#handle);
  }

  dispose(): void {
    releaseNow(this, this.#handle);
  }
}
