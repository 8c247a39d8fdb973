import type { CellName } from './record.ts';

/** One recurrent layer with its weights in PyTorch's layout, gates r z n or i f g o. */
export interface Case {
  cell: CellName;
  inputs: number;
  hidden: number;
  /** [gates * hidden][inputs] */
  weightIh: Float32Array;
  /** [gates * hidden][hidden] */
  weightHh: Float32Array;
  biasIh: Float32Array;
  biasHh: Float32Array;
}

/** Live streams that take one step together and keep their state; ours and every rival are measured through this. */
export interface Stepper {
  name: string;
  /** One step of every stream: from x [streams][inputs] to h [streams][hidden]. */
  step(x: Float32Array): Float32Array | Promise<Float32Array>;
  /** Takes `count` such steps. Every stepper has a loop of its own, so that no call in it is polymorphic. */
  run(x: Float32Array, count: number): void | Promise<void>;
}

export const gatesOf = (cell: CellName): number => (cell === 'lstm' ? 4 : 3);

/** Rows of samples, uniform in [-1, 1), the same for the same seed (mulberry32). */
export function randomInputs(rows: number, inputs: number, seed = 7): Float32Array {
  let state = seed;
  return new Float32Array(rows * inputs).map(() => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}
