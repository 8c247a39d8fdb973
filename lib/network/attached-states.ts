import { checkHidden, type Hidden, zeroHidden } from './hidden.ts';
import { type Handle, native, nativeHandle, type NativeNetwork, releaseNow, releaseWith } from './native.ts';
import { allC, allH, type NetworkSpec, outputSize, stateSize } from './network-spec.ts';
import { GatecastError } from '../base/errors.ts';
import { whole } from '../base/schema.ts';

/**
 * Native states of several streams, with the arrays that a step reads and writes. The arrays are attached once, for
 * good.
 */
export class AttachedStates {
  readonly spec: NetworkSpec;
  readonly handle: Handle;
  /** The slot of each sample of a batch. */
  readonly slots: Int32Array;
  /** Samples, [slots][inputSize]. */
  readonly input: Float32Array;
  /** Outputs, [slots][values of the head, or of the last layer]. */
  readonly output: Float32Array;
  /** Values of one output. */
  readonly outputSize: number;
  /** Values of one state. */
  readonly size: number;

  /** Throws `invalid-argument` for more states than memory allows. */
  constructor(network: NativeNetwork, count: number) {
    whole(1, 2 ** 24)(count, 'capacity');
    const { spec } = network;
    this.spec = spec;
    this.size = stateSize(spec);
    this.outputSize = spec.headSize > 0 ? spec.headSize : outputSize(spec);
    this.slots = new Int32Array(attachable(count));
    this.input = new Float32Array(attachable(count * spec.inputSize));
    this.output = new Float32Array(attachable(count * this.outputSize));
    this.handle = native.createStates(network[nativeHandle], count, this.slots, this.input, this.output);
    releaseWith(this, this.handle);
  }

  /**
   * Steps the first `count` slots named in `slots` with their rows of `input`; the results are in `output`. Throws
   * `invalid-argument` for a bidirectional network.
   */
  step(count: number): void {
    native.stepBatch(this.handle, count);
  }

  /**
   * Runs windows through the slots named in `slots` from place `first` on, each from the zero state; the results are in
   * the same rows of `output`.
   *
   * @param windows one after the other, [lengths[k]][inputSize]
   */
  runWindows(first: number, lengths: Int32Array, windows: Float32Array): void {
    native.runWindows(this.handle, first, lengths.length, lengths, windows);
  }

  reset(slot: number): void {
    native.resetState(this.handle, slot);
  }

  /** Copies the vectors of slot `from` of `origin`, which must belong to a network of the same shape, to `slot`. */
  copy(slot: number, origin: AttachedStates, from: number): void {
    native.copyState(this.handle, slot, origin.handle, from);
  }

  /** A copy of all values of a slot: h, then c if the cell has it, then the outputs that attention remembers. */
  vectors(slot: number): Float32Array {
    const flat = new Float32Array(this.size);
    this.readInto(slot, flat);
    return flat;
  }

  /** Copies all values of a slot into an array of the caller. */
  readInto(slot: number, flat: Float32Array): void {
    native.readState(this.handle, slot, flat);
  }

  /**
   * Throws `invalid-shape` or `invalid-argument`, the state unchanged, for a wrong number of values or one that is not
   * finite.
   */
  setVectors(slot: number, flat: Float32Array): void {
    native.writeState(this.handle, slot, flat);
  }

  /** A copy of the vectors of a slot: h [layers, R], and c [layers, hiddenSize] where the cell has one. */
  read(slot: number): Hidden {
    const hidden = zeroHidden(this.spec, []);
    const flat = this.vectors(slot);
    const c = allH(this.spec);
    hidden.h.data.set(flat.subarray(0, c));
    hidden.c?.data.set(flat.subarray(c, c + allC(this.spec)));
    return hidden;
  }

  /**
   * Throws `invalid-shape` or `invalid-argument`, the state unchanged, for other shapes or values that are not finite.
   */
  write(slot: number, value: Hidden): void {
    const { h, c } = checkHidden(value, this.spec, [], 'hidden');
    const flat = new Float32Array(this.size);
    flat.set(h.data);
    if (c !== undefined) flat.set(c.data, h.data.length);
    this.setVectors(slot, flat);
  }

  dispose(): void {
    releaseNow(this, this.handle);
  }
}

/** Throws `invalid-argument` for a network that cannot be stepped. */
export function checkSteps({ bidirectional }: NetworkSpec): void {
  if (!bidirectional) return;
  const message = 'A bidirectional network reads its input from both ends, so it cannot be stepped sample by sample.';
  throw new GatecastError('invalid-argument', message);
}

/** Memory for arrays that the addon may keep pointing at: shared memory cannot be detached. Four bytes per value. */
export function attachable(values: number): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * values);
}
