import type { ModelStates } from '../../model/model-states.ts';
import type { NetworkSpec } from '../../network/network-spec.ts';
import type { StepVectors } from '../../online/step.ts';

/** The hidden vectors of one stream, copied out of the native states for the parts that look at them. */
export class HiddenVectors implements StepVectors {
  readonly h: Float32Array;
  readonly c: Float32Array | undefined;
  readonly last: Float32Array;
  readonly #all: Float32Array;

  constructor({ cell, numLayers, hiddenSize, projSize }: NetworkSpec) {
    const outputs = projSize || hiddenSize;
    const cells = cell === 'lstm' ? numLayers * hiddenSize : 0;
    this.#all = new Float32Array(numLayers * outputs + cells);
    this.h = this.#all.subarray(0, numLayers * outputs);
    this.c = cells > 0 ? this.#all.subarray(numLayers * outputs) : undefined;
    this.last = this.h.subarray(this.h.length - outputs);
  }

  /** Copies the vectors of the stream in a slot. */
  read(states: ModelStates, slot: number): void {
    states.readVectors(slot, this.#all);
  }
}
