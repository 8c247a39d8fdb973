import type { CycleReason, Decision } from './control-cycle.ts';
import { finiteList } from './finite-list.ts';

/** What `decide` led to, or why it led to nothing. */
export interface Answer {
  readonly action?: Float64Array | undefined;
  readonly iterations?: number | undefined;
  readonly reason?: CycleReason;
}

/** Reads what `decide` gave, which should hold an action of `length` values. What its getters throw passes. */
export function readDecision(given: unknown, length: number): Answer {
  let list = given;
  let iterations: number | undefined;
  if (typeof given === 'object' && given !== null && 'action' in given) {
    list = given.action;
    const { iterations: done, held } = given as Partial<Decision>;
    if (typeof done === 'number' && done >= 0) iterations = done;
    if (held === true) return { iterations, reason: 'undecided' };
  }
  const action = finiteList(typeof list === 'number' ? [list] : list, length);
  return action === undefined ? { iterations, reason: 'bad-action' } : { iterations, action };
}
