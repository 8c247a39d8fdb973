import { AttachedStates } from '../network/attached-states.ts';
import type { RecurrentNetwork } from '../network/recurrent-network.ts';
import { streamsOf } from './channels.ts';
import type { ModelDescription } from './model.ts';
import { allocateStates, bytesOf, ModelStates, type SlotLayout } from './model-states.ts';

/**
 * The states of a model that is a recurrent network. Their hidden vectors are native.
 *
 * A slot has one native slot, or one for each target if each is a stream of its own: slot s has those from `streams` *
 * s on. The rows of a step lie in the native arrays in the same way.
 */
export abstract class RecurrentStates extends ModelStates {
  /** The native states. `grow` replaces them. */
  attached: AttachedStates;
  /** Native slots of a slot. */
  protected readonly streams: number;
  readonly #network: RecurrentNetwork;
  /** Row 0, set aside during `stepNow`. */
  readonly #set: { values: Float64Array; input: Float32Array };

  constructor(
    network: RecurrentNetwork,
    description: ModelDescription,
    capacity: number,
    layout: Omit<SlotLayout, 'beside'>,
  ) {
    const { inputSize, headSize } = network.spec;
    const streams = streamsOf(description);
    super(description, capacity, { ...layout, beside: 4 * streams * (inputSize + headSize) });
    this.streams = streams;
    this.#network = network;
    this.#set = { values: new Float64Array(description.inputs.length), input: new Float32Array(streams * inputSize) };
    this.attached = this.#attach(capacity);
  }

  stepNow(slot: number, at: number, values: Float64Array, numbers?: Float64Array): void {
    const { input } = this.attached;
    const staged = this.slotOf(0);
    for (let i = 0; i < values.length; i++) {
      this.#set.values[i] = this.values[i]!;
      this.values[i] = values[i]!;
    }
    for (let i = 0; i < this.#set.input.length; i++) this.#set.input[i] = input[i]!;
    this.stage(0, slot, at);
    this.advance(1);
    if (numbers) this.read(0, numbers);
    this.assign(0, staged);
    for (let i = 0; i < values.length; i++) this.values[i] = this.#set.values[i]!;
    for (let i = 0; i < this.#set.input.length; i++) input[i] = this.#set.input[i]!;
  }

  override copy(slot: number, from: number, origin: this = this): void {
    for (let s = 0; s < this.streams; s++) {
      this.attached.copy(slot * this.streams + s, origin.attached, from * this.streams + s);
    }
    super.copy(slot, from, origin);
  }

  override reset(slot: number): void {
    this.#resetVectors(slot);
    super.reset(slot);
  }

  override restart(slot: number): void {
    this.#resetVectors(slot);
    super.restart(slot);
  }

  override grow(capacity: number): void {
    const old = this.attached;
    const made = this.#attach(capacity);
    try {
      super.grow(capacity);
    } catch (error) {
      made.dispose();
      throw error;
    }
    for (let slot = 0; slot < old.slots.length; slot++) made.copy(slot, old, slot);
    old.dispose();
    this.attached = made;
  }

  override get vectorSize(): number {
    return this.streams * this.attached.size;
  }

  override readVectors(slot: number, out: Float32Array): void {
    const { size } = this.attached;
    for (let s = 0; s < this.streams; s++) {
      this.attached.readInto(slot * this.streams + s, out.subarray(s * size, (s + 1) * size));
    }
  }

  override writeBytes(slot: number, bytes: Uint8Array): void {
    super.writeBytes(slot, bytes);
    bytes.set(bytesOf(this.#vectors(slot)), 8 * this.rowSize);
  }

  override readBytes(slot: number, bytes: Uint8Array): void {
    const [before, vectors] = [this.#vectors(slot), new Float32Array(this.vectorSize)];
    bytesOf(vectors).set(bytes.subarray(8 * this.rowSize, this.byteSize));
    try {
      this.#setVectors(slot, vectors);
    } catch (error) {
      this.#setVectors(slot, before); // nothing has changed then
      throw error;
    }
    super.readBytes(slot, bytes);
  }

  override dispose(): void {
    this.attached.dispose();
  }

  /** Notes that row k of the native arrays is of this slot. */
  protected assign(k: number, slot: number): void {
    const { slots } = this.attached;
    for (let s = 0; s < this.streams; s++) slots[k * this.streams + s] = slot * this.streams + s;
  }

  /** The slot of row k of the native arrays. */
  protected slotOf(k: number): number {
    return this.attached.slots[k * this.streams]! / this.streams;
  }

  /** Makes the hidden vectors of a slot 0. */
  #resetVectors(slot: number): void {
    for (let s = 0; s < this.streams; s++) this.attached.reset(slot * this.streams + s);
  }

  #vectors(slot: number): Float32Array {
    const vectors = new Float32Array(this.vectorSize);
    this.readVectors(slot, vectors);
    return vectors;
  }

  /** Throws for a value that is not finite. */
  #setVectors(slot: number, vectors: Float32Array): void {
    const { size } = this.attached;
    for (let s = 0; s < this.streams; s++) {
      this.attached.setVectors(slot * this.streams + s, vectors.subarray(s * size, (s + 1) * size));
    }
  }

  #attach(capacity: number): AttachedStates {
    return allocateStates(capacity, 0, () => new AttachedStates(this.#network, this.streams * capacity));
  }
}
