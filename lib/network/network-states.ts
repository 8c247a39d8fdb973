import { types } from 'node:util';
import { expected, GatecastError, misfit } from '../base/errors.ts';
import { AttachedStates, checkSteps } from './attached-states.ts';
import type { Hidden } from './hidden.ts';
import type { NativeNetwork } from './native.ts';
import type { NetworkSpec } from './network-spec.ts';

/**
 * The hidden vectors of many streams, in numbered slots that are stepped together, so that the weights are read once
 * for many samples. A slot gets the same bits as a NetworkState that is stepped alone.
 */
export class NetworkStates {
  readonly spec: NetworkSpec;
  /** The number of slots. */
  readonly capacity: number;
  readonly #states: AttachedStates;

  /** Use `createStates()` of a network. */
  constructor(network: NativeNetwork, capacity: number) {
    checkSteps(network.spec);
    this.spec = network.spec;
    this.#states = new AttachedStates(network, capacity);
    this.capacity = capacity;
  }

  /**
   * Advances the named slots, each by its row of `x` [slots, inputSize]. Returns their outputs [slots, R] or, if the
   * network has a head, [slots, headSize]. Every call returns the same memory: copy it to keep it.
   *
   * Throws, with no state changed, `invalid-argument` for slots that are out of range or named twice, `invalid-shape`
   * for a wrong number of values, and `invalid-sample` for values that are not finite as 32-bit floats.
   */
  step(slots: Int32Array, x: Float32Array): Float32Array {
    const states = this.#states;
    if (!types.isInt32Array(slots) || slots.length > this.capacity) {
      const what = `an Int32Array of at most ${this.capacity}`;
      throw misfit(what, 'slots', slots);
    }
    const count = slots.length;
    if (!types.isFloat32Array(x) || x.length !== count * this.spec.inputSize) {
      const what = `a Float32Array of ${count * this.spec.inputSize} values`;
      throw new GatecastError('invalid-shape', expected(what, 'the samples', x));
    }
    states.slots.set(slots);
    states.input.set(x);
    states.step(count);
    return states.output.subarray(0, count * states.outputSize);
  }

  /**
   * Returns a slot to the zero state. Throws `invalid-argument` for a slot that is out of range, as the methods below
   * do.
   */
  reset(slot: number): void {
    this.#states.reset(slot);
  }

  /** A copy of the vectors of a slot: h [layers, R], and c [layers, hiddenSize] where the cell has one. */
  read(slot: number): Hidden {
    return this.#states.read(slot);
  }

  /**
   * Throws `invalid-shape` or `invalid-argument`, the slot unchanged, for other shapes or values that are not finite.
   */
  write(slot: number, hidden: Hidden): void {
    this.#states.write(slot, hidden);
  }

  /** Copies the vectors of one slot to another. */
  copy(from: number, to: number): void {
    this.#states.copy(to, this.#states, from);
  }

  /** Frees the native memory now instead of at some garbage collection; later calls throw `disposed`. */
  dispose(): void {
    this.#states.dispose();
  }
}
