import type { ModelDescription } from '../../model/model.ts';
import type { ModelStates } from '../../model/model-states.ts';

const NO_NETWORK = { cell: 'gru', numLayers: 0, hiddenSize: 0, projSize: 0 } as const;

/** The hidden vectors of one stream, copied out of the native states for the parts that look at them. */
export class HiddenVectors {
  /** h of all layers, and c of all layers of an LSTM. */
  readonly h: Float32Array;
  readonly c: Float32Array | undefined;
  /** h of the last layer. */
  readonly last: Float32Array;
  readonly #all: Float32Array;

  /** `size`: how many numbers the vectors of a stream are; 0 for a model without a recurrent network. */
  constructor({ network }: ModelDescription, size: number) {
    const { cell, numLayers, hiddenSize, projSize } = network ?? NO_NETWORK;
    const cells = cell === 'lstm' ? numLayers * hiddenSize : 0;
    this.#all = new Float32Array(size);
    this.h = this.#all.subarray(0, size - cells);
    this.c = cells > 0 ? this.#all.subarray(size - cells) : undefined;
    this.last = this.h.subarray(this.h.length - (projSize || hiddenSize));
  }

  /** Copies the vectors of the stream in a slot. */
  read(states: ModelStates, slot: number): void {
    states.readVectors(slot, this.#all);
  }
}
