import { AttachedStates } from '../network/attached-states.ts';
import type { RecurrentNetwork } from '../network/recurrent-network.ts';
import type { ModelDescription } from './model.ts';
import { allocateStates, bytesOf, ModelStates, type SlotLayout } from './model-states.ts';

/** The states of a model that is a recurrent network. Their hidden vectors are native. */
export abstract class RecurrentStates extends ModelStates {
  /** The native states. `grow` replaces them. */
  attached: AttachedStates;
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
    super(description, capacity, { ...layout, beside: 4 * (inputSize + headSize) });
    this.#network = network;
    this.#set = { values: new Float64Array(description.inputs.length), input: new Float32Array(inputSize) };
    this.attached = this.#attach(capacity);
  }

  stepNow(slot: number, at: number, values: Float64Array, numbers: Float64Array): void {
    const { input, slots } = this.attached;
    const staged = slots[0]!;
    for (let i = 0; i < values.length; i++) {
      this.#set.values[i] = this.values[i]!;
      this.values[i] = values[i]!;
    }
    for (let i = 0; i < this.#set.input.length; i++) this.#set.input[i] = input[i]!;
    this.stage(0, slot, at);
    this.advance(1);
    this.read(0, numbers);
    slots[0] = staged;
    for (let i = 0; i < values.length; i++) this.values[i] = this.#set.values[i]!;
    for (let i = 0; i < this.#set.input.length; i++) input[i] = this.#set.input[i]!;
  }

  override copy(slot: number, from: number, origin: this = this): void {
    this.attached.copy(slot, origin.attached, from);
    super.copy(slot, from, origin);
  }

  override reset(slot: number): void {
    this.attached.reset(slot);
    super.reset(slot);
  }

  override restart(slot: number): void {
    this.attached.reset(slot);
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
    return this.attached.size;
  }

  override readVectors(slot: number, out: Float32Array): void {
    this.attached.readInto(slot, out);
  }

  override writeBytes(slot: number, bytes: Uint8Array): void {
    super.writeBytes(slot, bytes);
    bytes.set(bytesOf(this.attached.vectors(slot)), 8 * this.rowSize);
  }

  override readBytes(slot: number, bytes: Uint8Array): void {
    const vectors = new Float32Array(this.attached.size);
    bytesOf(vectors).set(bytes.subarray(8 * this.rowSize, this.byteSize));
    this.attached.setVectors(slot, vectors); // throws before anything is changed
    super.readBytes(slot, bytes);
  }

  override dispose(): void {
    this.attached.dispose();
  }

  #attach(capacity: number): AttachedStates {
    return allocateStates(capacity, 0, () => new AttachedStates(this.#network, capacity));
  }
}
