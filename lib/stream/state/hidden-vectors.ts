import type { ModelStates } from '../../model/model-states.ts';
import { allC, allH, type NetworkSpec, outputSize, stateSize } from '../../network/network-spec.ts';
import type { StepVectors } from '../../online/step.ts';

/** The hidden vectors of one stream, copied out of the native states for the parts that read them. */
export class HiddenVectors implements StepVectors {
  readonly h: Float32Array;
  readonly c: Float32Array | undefined;
  readonly last: Float32Array;
  readonly #all: Float32Array;

  constructor(network: NetworkSpec) {
    const outputs = allH(network);
    const cells = allC(network);
    this.#all = new Float32Array(stateSize(network));
    this.h = this.#all.subarray(0, outputs);
    this.c = cells > 0 ? this.#all.subarray(outputs, outputs + cells) : undefined;
    this.last = this.h.subarray(this.h.length - outputSize(network));
  }

  /** Copies the vectors of the stream in a slot. */
  read(states: ModelStates, slot: number): void {
    states.readVectors(slot, this.#all);
  }
}
