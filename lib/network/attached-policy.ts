import { type Handle, handOver, native, nativeHandle, type NativeNetwork, releaseNow, releaseWith } from './native.ts';

/**
 * How observations become the inputs of a network, when its memory is cleared, and how its outputs become an action:
 * offset + scale * output, within low and high. An input is (value - mean) / deviation, cut off at clip.
 */
export interface PolicyForm {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  readonly clip: number;
  /** The policy refuses to decide from a value larger than this. */
  readonly limit: number;
  /**
   * Index of the value that clears the memory, -1 for none. The number of observations stands for a separate value that
   * follows them.
   */
  readonly signal: number;
  /** Whether the memory is cleared when the signal is 0, rather than when it is not 0. */
  readonly clearedByZero: boolean;
  /** A longer time between two observations clears the memory too [s]. */
  readonly resetAfter: number;
  /** Whether the network's outputs pass through tanh. */
  readonly squash: boolean;
  /** Per action. */
  readonly scale: Float64Array;
  readonly offset: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** The linear layers on top of a network's own head, with an activation before each. */
export interface DenseHead {
  /** The size of the network's head, then the size of each layer. */
  readonly sizes: Int32Array;
  readonly activation: 'elu' | 'relu' | 'tanh';
  /** For each layer its weight, [size][size below], then its bias. */
  readonly parameters: Float32Array;
}

/** A native policy during one run, with the arrays that it reads and writes. */
export class AttachedPolicy {
  /** The observations in the user's units, then the signal if it is not one of them. */
  readonly values: Float64Array;
  /** The newest action. */
  readonly action: Float64Array;
  readonly #handle: Handle;

  /** Throws `invalid-argument` or `invalid-shape` for values that do not fit the network. */
  constructor(network: NativeNetwork, head: DenseHead, form: PolicyForm) {
    this.#handle = native.createPolicy(network[nativeHandle], head, form);
    releaseWith(this, this.#handle);
    this.values = new Float64Array(Math.max(form.mean.length, form.signal + 1));
    this.action = new Float64Array(form.scale.length);
  }

  /**
   * Decides from `values`; `at` is their time [s], NaN if not known. False if one of them is not finite or too large:
   * `action` then stays as it is, and so does the memory unless the signal clears it.
   */
  decide(at: number): boolean {
    return native.decide(this.#handle, at, this.values, this.action);
  }

  /** Hands over the handle: from now on the caller, or a native loop, must release it. */
  handOver(): Handle {
    return handOver(this, this.#handle);
  }

  dispose(): void {
    releaseNow(this, this.#handle);
  }
}
