import { types } from 'node:util';
import { describe, GatecastError, misfit } from '../base/errors.ts';
import { isA } from '../base/values.ts';
import { AttachedStates, checkSteps } from './attached-states.ts';
import type { Hidden } from './hidden.ts';
import { type Handle, native, type NativeNetwork } from './native.ts';
import type { NetworkSpec } from './network-spec.ts';

/**
 * The hidden vectors of one stream. `step` advances them by one sample in one native call that allocates nothing. A
 * state outlives the `dispose` of its network, and uses weights that are loaded into the network later.
 */
export class NetworkState {
  readonly spec: NetworkSpec;
  readonly #network: NativeNetwork;
  readonly #states: AttachedStates;
  // Read at each step, so kept here.
  readonly #handle: Handle;
  readonly #input: Float32Array;
  readonly #output: Float32Array;

  /** Use `createState()` of a network. */
  constructor(network: NativeNetwork) {
    checkSteps(network.spec);
    this.spec = network.spec;
    this.#network = network;
    this.#states = new AttachedStates(network, 1);
    this.#handle = this.#states.handle;
    this.#input = this.#states.input;
    this.#output = this.#states.output;
  }

  /**
   * Advances by one sample of `inputSize` values. Returns the last layer's h or, if the network has a head, the head's
   * output. Every call returns the same array: copy it to keep it.
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
      input.set(x); // not a loop: until V8 optimises it, each element read from a Float64Array is allocated
    } else {
      for (let k = 0; k < input.length; k++) input[k] = numeric(x[k]);
    }
    native.step(this.#handle);
    return this.#output;
  }

  /** Returns to the zero state. */
  reset(): void {
    native.resetState(this.#handle, 0);
  }

  /** A copy of the vectors: h [layers, R], and c [layers, hiddenSize] where the cell has one. */
  get hidden(): Hidden {
    return this.#states.read(0);
  }

  /**
   * Throws `invalid-shape` or `invalid-argument`, the state unchanged, for other shapes or values that are not finite.
   */
  set hidden(value: Hidden) {
    this.#states.write(0, value);
  }

  /** A second state with the same vectors; from then on the two are independent. */
  fork(): NetworkState {
    const copy = new NetworkState(this.#network);
    native.copyState(copy.#handle, 0, this.#handle, 0);
    return copy;
  }

  /** Copies the vectors of another state, of a network of the same shape, without allocating. */
  copyFrom(other: NetworkState): void {
    if (!isA(other, NetworkState)) {
      throw misfit('a NetworkState', 'the state to copy', other);
    }
    native.copyState(this.#handle, 0, other.#handle, 0);
  }

  /** Frees the native memory now instead of at some garbage collection; later calls throw `disposed`. */
  dispose(): void {
    this.#states.dispose();
  }
}

/** undefined if the length cannot be read, as that of a proxy of a typed array */
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
