import { streamsOf } from '../../model/channels.ts';
import type { ModelDescription } from '../../model/model.ts';
import type { ModelStates } from '../../model/model-states.ts';
import { allC, allH, type NetworkSpec, outputSize, stateSize } from '../../network/network-spec.ts';
import type { StepVectors } from '../../online/step.ts';

/**
 * The hidden vectors of one stream, copied out of the native states for the parts that read them. If each target is a
 * stream of its own through the network, they hold those of one target after the other.
 */
export class HiddenVectors implements StepVectors {
  readonly h: Float32Array;
  readonly c: Float32Array | undefined;
  readonly last: Float32Array;
  /** [streams][h of all layers, then c] */
  readonly #all: Float32Array;
  readonly #streams: number;

  constructor(network: NetworkSpec, description: Pick<ModelDescription, 'channels' | 'targets'>) {
    const streams = streamsOf(description);
    const cells = allC(network);
    this.#streams = streams;
    this.#all = new Float32Array(streams * stateSize(network));
    this.h = new Float32Array(streams * allH(network));
    this.c = cells > 0 ? new Float32Array(streams * cells) : undefined;
    this.last = new Float32Array(streams * outputSize(network));
  }

  /** Copies the vectors of the stream in a slot. */
  read(states: ModelStates, slot: number): void {
    states.readVectors(slot, this.#all);
    const h = this.h.length / this.#streams;
    this.#gather(this.h, 0);
    if (this.c) this.#gather(this.c, h);
    this.#gather(this.last, h - this.last.length / this.#streams);
  }

  /** Fills a list with the values that begin at `from` among those of each stream. */
  #gather(list: Float32Array, from: number): void {
    const [size, each] = [this.#all.length / this.#streams, list.length / this.#streams];
    for (let s = 0; s < this.#streams; s++) {
      list.set(this.#all.subarray(s * size + from, s * size + from + each), s * each);
    }
  }
}
