import type { PlannerSettings } from './planner-options.ts';

/** In the order of PlanFault in native/core/control/planner.h; 'time' if not even one group of plans fitted. */
const FAULTS = ['none', 'time', 'diverged', 'cost', 'alike'] as const;

/** An iteration with fewer samples learns nothing. */
const FEW = 16;

/** How many cycles in a row with less than one iteration lead to a warning of the process. */
const PATIENCE = 3;

/** The work done for a plan. */
interface Done {
  readonly fault: number;
  readonly iterations: number;
}

/** A sentence about a plan with less than one iteration; usually `fitting` samples can be evaluated in `seconds`. */
export function planNotice(settings: PlannerSettings, done: Done, fitting: number, seconds: number): string {
  const { horizon, samples } = settings.native;
  switch (FAULTS[done.fault]) {
    case 'diverged':
      return `Under every plan that was tried the model diverges within ${horizon} steps: nothing is learned.`;
    case 'cost':
      return 'No plan that was tried has a cost that is a number below 1e30: nothing is learned.';
    case 'alike':
      return 'All plans that were tried are the same, because of the noise and the limits of the actions: nothing is learned.';
    default:
      if (fitting < samples) return fitSentence(settings, fitting, seconds);
      return `${rounded(done.iterations)} iterations of ${samples} samples were done in a time that is usually enough for one.`;
  }
}

/** A sentence on how much of an iteration fits, and on what would fit. */
function fitSentence(
  { native: { samples, adapt, horizon } }: PlannerSettings,
  fitting: number,
  seconds: number,
): string {
  const would = Math.floor(rounded(Math.floor(fitting)));
  const time = `${rounded(1000 * seconds)} ms`;
  const hint = adapt ? '' : ", and adapt: 'samples' tries no more than fit";
  const advice = would < FEW ? `take fewer steps than ${horizon}, or a smaller model` : `${would} samples would${hint}`;
  return `${rounded(fitting / samples)} iterations of ${samples} samples fit in ${time}; ${advice}.`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(2));
}

/** Warns the process once about a planner that has too little time for one iteration or learns nothing. */
export class PlanWarning {
  #inARow = 0;
  #warned = false;

  /** Call before the first plan, which may take `seconds`. */
  started(settings: PlannerSettings, fitting: number, seconds: number): void {
    if (fitting < settings.native.samples) this.#warn(fitSentence(settings, fitting, seconds));
  }

  /** Call after each plan, with its notice if it has one. */
  planned(notice: string | undefined): void {
    this.#inARow = notice === undefined ? 0 : this.#inARow + 1;
    if (this.#inARow >= PATIENCE) this.#warn(notice!);
  }

  #warn(sentence: string): void {
    if (this.#warned) return;
    this.#warned = true;
    process.emitWarning(sentence, { type: 'GatecastWarning', code: 'GATECAST_NO_TIME_TO_PLAN' });
  }
}
