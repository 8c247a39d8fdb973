import type { Description } from '../../model/description.ts';
import type { ForecasterStates } from '../../model/forecaster-states.ts';
import { cSize, recurrentSize } from '../../network/network-spec.ts';

/** The hidden vectors of one stream, copied out of the native states for the parts that look at them. */
export class HiddenVectors {
  /** h of all layers, and c of all layers where the cell has one. */
  readonly h: Float32Array;
  readonly c: Float32Array | undefined;
  /** h of the last layer. */
  readonly last: Float32Array;
  readonly #all: Float32Array;

  /** `size`: how many numbers the vectors of a stream are. */
  constructor({ network }: Description, size: number) {
    const cells = network.numLayers * cSize(network);
    this.#all = new Float32Array(size);
    this.h = this.#all.subarray(0, size - cells);
    this.c = cells > 0 ? this.#all.subarray(size - cells) : undefined;
    this.last = this.h.subarray(this.h.length - recurrentSize(network));
  }

  /** Copies the vectors of the stream in a slot. */
  read(states: ForecasterStates, slot: number): void {
    states.readVectors(slot, this.#all);
  }
}
