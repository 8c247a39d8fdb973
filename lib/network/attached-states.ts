import { checkHidden, type Hidden, zeroHidden } from './hidden.ts';
import { type Handle, native, nativeHandle, type NativeNetwork, releaseNow, releaseWith } from './native.ts';
import { type NetworkSpec, outputSize } from './network-spec.ts';
import { wholeNumber } from './options.ts';

/** Native states of some streams, with the arrays that stepping them reads and writes: attached once, for good. */
export class AttachedStates {
  readonly spec: NetworkSpec;
  readonly handle: Handle;
  /** Slots of a batch, one for each sample. */
  readonly slots: Int32Array;
  /** Samples, [slots][inputSize]. */
  readonly input: Float32Array;
  /** Answers, [slots][values of the head, or of the last h]. */
  readonly output: Float32Array;
  /** Values of one answer. */
  readonly outputSize: number;
  readonly #sizes: { h: number; c: number };

  /** Throws `invalid-argument` for a bidirectional network and for more states than memory is allowed for. */
  constructor(network: NativeNetwork, count: number) {
    wholeNumber(count, 'capacity', 1, 2 ** 24);
    const { spec } = network;
    this.spec = spec;
    const { h, c } = zeroHidden(spec, []);
    this.#sizes = { h: h.data.length, c: c?.data.length ?? 0 };
    this.outputSize = spec.headSize > 0 ? spec.headSize : outputSize(spec);
    this.slots = new Int32Array(attachable(count));
    this.input = new Float32Array(attachable(count * spec.inputSize));
    this.output = new Float32Array(attachable(count * this.outputSize));
    this.handle = native.createStates(network[nativeHandle], count, this.slots, this.input, this.output);
    releaseWith(this, this.handle);
  }

  /** Steps the first `count` slots named in `slots` by their rows of `input`; the answers are in `output`. */
  step(count: number): void {
    native.stepBatch(this.handle, count);
  }

  reset(slot: number): void {
    native.resetState(this.handle, slot);
  }

  /** The vectors of a slot of `origin`, which is of a network of the same shape, become those of `slot`. */
  copy(slot: number, origin: AttachedStates, from: number): void {
    native.copyState(this.handle, slot, origin.handle, from);
  }

  /** Values of a state. */
  get size(): number {
    return this.#sizes.h + this.#sizes.c;
  }

  /** A copy of all values of a slot: h, then for an LSTM c. */
  vectors(slot: number): Float32Array {
    const flat = new Float32Array(this.size);
    this.readInto(slot, flat);
    return flat;
  }

  /** The same into an array of the caller's. */
  readInto(slot: number, flat: Float32Array): void {
    native.readState(this.handle, slot, flat);
  }

  /**
   * Throws `invalid-shape` or `invalid-argument`, the state unchanged, for another number of values or one that is not
   * finite.
   */
  setVectors(slot: number, flat: Float32Array): void {
    native.writeState(this.handle, slot, flat);
  }

  /** A copy of the vectors of a slot: h [layers, R], and for an LSTM c [layers, hiddenSize]. */
  read(slot: number): Hidden {
    const hidden = zeroHidden(this.spec, []);
    const flat = this.vectors(slot);
    hidden.h.data.set(flat.subarray(0, this.#sizes.h));
    hidden.c?.data.set(flat.subarray(this.#sizes.h));
    return hidden;
  }

  /**
   * Throws `invalid-shape` or `invalid-argument`, the state unchanged, for other shapes or values that are not finite.
   */
  write(slot: number, value: Hidden): void {
    const { h, c } = checkHidden(value, this.spec, [], 'hidden');
    const flat = new Float32Array(this.size);
    flat.set(h.data);
    if (c !== undefined) flat.set(c.data, this.#sizes.h);
    this.setVectors(slot, flat);
  }

  dispose(): void {
    releaseNow(this, this.handle);
  }
}

/** Shared memory cannot be detached, so the addon may keep pointing at it. Four bytes a value. */
export function attachable(values: number): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * values);
}
