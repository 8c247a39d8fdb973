import { checkHidden, type Hidden, zeroHidden } from './hidden.ts';
import { type Handle, native, releaseNow, releaseWith } from './native.ts';
import { type NetworkSpec, outputSize } from './network-spec.ts';

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

  /** Throws `invalid-argument` for a bidirectional network and for more states than memory is allowed for. */
  constructor(network: Handle, spec: NetworkSpec, count: number) {
    this.spec = spec;
    this.outputSize = spec.headSize > 0 ? spec.headSize : outputSize(spec);
    this.slots = new Int32Array(attachable(count));
    this.input = new Float32Array(attachable(count * spec.inputSize));
    this.output = new Float32Array(attachable(count * this.outputSize));
    this.handle = native.createStates(network, count, this.slots, this.input, this.output);
    releaseWith(this, this.handle);
  }

  /** A copy of the vectors of a slot: h [layers, R], and for an LSTM c [layers, hiddenSize]. */
  read(slot: number): Hidden {
    const hidden = zeroHidden(this.spec, []);
    const count = hidden.h.data.length;
    const flat = new Float32Array(count + (hidden.c?.data.length ?? 0));
    native.readState(this.handle, slot, flat);
    hidden.h.data.set(flat.subarray(0, count));
    hidden.c?.data.set(flat.subarray(count));
    return hidden;
  }

  /** Throws `invalid-shape` or `invalid-argument`, the state unchanged, for other shapes or values that are not finite. */
  write(slot: number, value: Hidden): void {
    const { h, c } = checkHidden(value, this.spec, [], 'hidden');
    const flat = new Float32Array(h.data.length + (c?.data.length ?? 0));
    flat.set(h.data);
    if (c !== undefined) flat.set(c.data, h.data.length);
    native.writeState(this.handle, slot, flat);
  }

  dispose(): void {
    releaseNow(this, this.handle);
  }
}

/** Shared memory cannot be detached, so the addon may keep pointing at it. Four bytes a value. */
function attachable(values: number): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * values);
}
