import type { CycleReason, Decision } from '../control-cycle.ts';
import { finiteList } from '../finite-list.ts';

/** What `decide` answered, or why its answer cannot be used. */
export interface Answer {
  readonly action?: Float64Array | undefined;
  readonly iterations?: number | undefined;
  readonly reason?: CycleReason;
  readonly notice?: string | undefined;
}

/** Reads what `decide` returned, which should have an action of `length` values. Throws what its getters throw. */
export function readDecision(given: unknown, length: number): Answer {
  let list = given;
  let details: Pick<Answer, 'iterations' | 'notice'> = {};
  if (typeof given === 'object' && given !== null && 'action' in given) {
    list = given.action;
    const { iterations, held, notice } = given as Partial<Decision>;
    details = {
      iterations: typeof iterations === 'number' && iterations >= 0 ? iterations : undefined,
      notice: typeof notice === 'string' ? notice : undefined,
    };
    if (held === true) return { ...details, reason: 'undecided' };
  }
  const action = finiteList(typeof list === 'number' ? [list] : list, length);
  return action === undefined ? { ...details, reason: 'bad-action' } : { ...details, action };
}
