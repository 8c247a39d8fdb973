import type { ActionLimits } from './limits.ts';

/**
 * Signs that a running loop may have no effect. Each can be legitimate, so none is an error. Each is raised after 100
 * cycles in a row. `saturated`: a value of the action that was sent is at the same bound; `constant`: the controller
 * answers differing observations with the same action; `frozen`: the observations have new times and the same values.
 */
export type CycleFlag = 'saturated' | 'constant' | 'frozen';

/** In the order of their bits in native/core/control/signs.h. */
export const CYCLE_FLAGS = ['saturated', 'constant', 'frozen'] as const satisfies readonly CycleFlag[];

/** How many cycles in a row raise a flag. */
const CYCLES = 100;

/** Watches one loop for these signs, as native/core/control/signs.h does. */
export class Signs {
  readonly #limits: readonly Readonly<ActionLimits>[];
  /** For each value of an action, how many cycles in a row it was at its lower bound; below, at its upper bound. */
  readonly #low: Uint8Array;
  readonly #high: Uint8Array;
  #values: Float64Array | undefined;
  #at = Number.NaN;
  #decided: Float64Array | undefined;
  #moved = false;
  #constant = 0;
  #frozen = 0;

  constructor(limits: readonly Readonly<ActionLimits>[]) {
    this.#limits = limits;
    this.#low = new Uint8Array(limits.length);
    this.#high = new Uint8Array(limits.length);
  }

  /** Takes a usable observation. */
  observed(at: number, values: Float64Array): void {
    this.#moved = this.#values !== undefined && !isSame(values, this.#values);
    if (this.#moved) this.#frozen = 0;
    else if (!(at <= this.#at)) this.#frozen++;
    this.#at = at;
    this.#values = values.slice(); // the controller may change its list
  }

  /** Takes the controller's usable answer to the last observation. */
  decided(action: Float64Array): void {
    if (this.#decided === undefined || !isSame(action, this.#decided)) this.#constant = 0;
    else if (this.#moved) this.#constant++;
    this.#decided = action;
  }

  /** Takes the action that was sent. */
  sent(action: Float64Array): void {
    for (const [i, { min, max }] of this.#limits.entries()) {
      this.#low[i] = min < max && action[i] === min ? Math.min(CYCLES, this.#low[i]! + 1) : 0;
      this.#high[i] = min < max && action[i] === max ? Math.min(CYCLES, this.#high[i]! + 1) : 0;
    }
  }

  get flags(): readonly CycleFlag[] {
    const saturated = this.#low.includes(CYCLES) || this.#high.includes(CYCLES);
    const raised = [saturated, this.#constant >= CYCLES, this.#frozen >= CYCLES];
    return CYCLE_FLAGS.filter((_, i) => raised[i]);
  }
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.every((value, i) => value === b[i]);
}
