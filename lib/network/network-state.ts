import { types } from 'node:util';
import { describe, GatecastError, misfit } from '../base/errors.ts';
import { isA } from '../base/values.ts';
import { AttachedStates } from './attached-states.ts';
import type { Hidden } from './hidden.ts';
import { type Handle, native, type NativeNetwork } from './native.ts';
import type { NetworkSpec } from './network-spec.ts';

/**
 * The hidden vectors of one stream. `step` advances them by one sample in one native call that allocates nothing.
 * A state goes on working when its network is disposed of; it sees weights loaded into the network later.
 */
export class NetworkState {
  readonly spec: NetworkSpec;
  readonly #network: NativeNetwork;
  readonly #states: AttachedStates;
  // Read at each step, so at hand.
  readonly #handle: Handle;
  readonly #input: Float32Array;
  readonly #output: Float32Array;

  /** Use `createState()` of a network. */
  constructor(network: NativeNetwork) {
    this.spec = network.spec;
    this.#network = network;
    this.#states = new AttachedStates(network, 1);
    this.#handle = this.#states.handle;
    this.#input = this.#states.input;
    this.#output = this.#states.output;
  }

  /**
   * Advances by one sample of `inputSize` values and returns the last layer's h, or the head's output where the network
   * has a head. The array is the same at each call: copy it to keep it.
   *
   * Throws `invalid-sample`, the state unchanged, for another length or a value that is not finite as a 32-bit float.
   */
  step(x: ArrayLike<number>): Float32Array {
    const input = this.#input;
    const length = lengthOf(x);
    if (length !== input.length || typeof x !== 'object') {
      const received = typeof x === 'object' && typeof length === 'number' ? `${length} values` : describe(x);
      throw new GatecastError(
        'invalid-sample',
        `Expected ${input.length} values for the sample but received ${received}.`,
      );
    }
    if (types.isFloat32Array(x) || types.isFloat64Array(x)) {
      input.set(x); // an element read from a Float64Array is a number on the heap until V8 has optimised this
    } else {
      for (let k = 0; k < input.length; k++) input[k] = numeric(x[k]);
    }
    native.step(this.#handle);
    return this.#output;
  }

  /** Back to the zero state. */
  reset(): void {
    native.resetState(this.#handle, 0);
  }

  /** A copy of the vectors: h [layers, R], and for an LSTM c [layers, hiddenSize]. */
  get hidden(): Hidden {
    return this.#states.read(0);
  }

  /**
   * Throws `invalid-shape` or `invalid-argument`, the state unchanged, for other shapes or values that are not finite.
   */
  set hidden(value: Hidden) {
    this.#states.write(0, value);
  }

  /** A second state with the same vectors; from here on the two go their own ways. */
  fork(): NetworkState {
    const copy = new NetworkState(this.#network);
    native.copyState(copy.#handle, 0, this.#handle, 0);
    return copy;
  }

  /** Takes over the vectors of another state of a network of the same shape, without allocating. */
  copyFrom(other: NetworkState): void {
    if (!isA(other, NetworkState)) {
      throw misfit('a NetworkState', 'the state to copy', other);
    }
    native.copyState(this.#handle, 0, other.#handle, 0);
  }

  /** Frees the native memory now rather than at some collection; later calls throw `disposed`. */
  dispose(): void {
    this.#states.dispose();
  }
}

/** undefined where the length cannot be read, as that of a proxy of a typed array */
function lengthOf(x: ArrayLike<number>): unknown {
  try {
    return x?.length;
  } catch {
    return undefined;
  }
}

function numeric(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
