import { describe, expected, GatecastError } from '../errors.ts';
import { checkHidden, type Hidden, zeroHidden } from './hidden.ts';
import { type Handle, native, releaseNow, releaseWith } from './native.ts';
import { type NetworkSpec, outputSize } from './network-spec.ts';

/**
 * The hidden vectors of one stream. `step` advances them by one sample in one native call that allocates nothing.
 * A state goes on working when its network is disposed of; it sees weights loaded into the network later.
 */
export class NetworkState {
  readonly spec: NetworkSpec;
  readonly #network: Handle;
  readonly #handle: Handle;
  readonly #input: Float32Array;
  readonly #output: Float32Array;

  /** Use `createState()` of a network. */
  constructor(network: Handle, spec: NetworkSpec) {
    this.spec = spec;
    this.#network = network;
    this.#input = attachable(spec.inputSize);
    this.#output = attachable(spec.headSize > 0 ? spec.headSize : outputSize(spec));
    this.#handle = native.createState(network, this.#input, this.#output);
    releaseWith(this, this.#handle);
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
    if (x instanceof Float32Array || x instanceof Float64Array) {
      input.set(x); // an element read from a Float64Array is a number on the heap until V8 has optimised this
    } else {
      for (let k = 0; k < input.length; k++) input[k] = numeric(x[k]);
    }
    native.step(this.#handle);
    return this.#output;
  }

  /** Back to the zero state. */
  reset(): void {
    native.resetState(this.#handle);
  }

  /** A copy of the vectors: h [layers, R], and for an LSTM c [layers, hiddenSize]. */
  get hidden(): Hidden {
    const hidden = zeroHidden(this.spec, []);
    const count = hidden.h.data.length;
    const flat = new Float32Array(count + (hidden.c?.data.length ?? 0));
    native.readState(this.#handle, flat);
    hidden.h.data.set(flat.subarray(0, count));
    hidden.c?.data.set(flat.subarray(count));
    return hidden;
  }

  /** Throws `invalid-shape` or `invalid-argument`, the state unchanged, for other shapes or values that are not finite. */
  set hidden(value: Hidden) {
    const { h, c } = checkHidden(value, this.spec, [], 'hidden');
    const flat = new Float32Array(h.data.length + (c?.data.length ?? 0));
    flat.set(h.data);
    if (c !== undefined) flat.set(c.data, h.data.length);
    native.writeState(this.#handle, flat);
  }

  /** A second state with the same vectors; from here on the two go their own ways. */
  fork(): NetworkState {
    const copy = new NetworkState(this.#network, this.spec);
    native.copyState(copy.#handle, this.#handle);
    return copy;
  }

  /** Takes over the vectors of another state of a network of the same shape, without allocating. */
  copyFrom(other: NetworkState): void {
    if (!(other instanceof NetworkState)) {
      throw new GatecastError('invalid-argument', expected('a NetworkState', 'the state to copy', other));
    }
    native.copyState(this.#handle, other.#handle);
  }

  /** Frees the native memory now rather than at some collection; later calls throw `disposed`. */
  dispose(): void {
    releaseNow(this, this.#handle);
  }
}

/** Shared memory cannot be detached, so the addon may keep pointing at it. */
function attachable(size: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(size * Float32Array.BYTES_PER_ELEMENT));
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
