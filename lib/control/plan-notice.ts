import type { PlannerSettings } from './planner-options.ts';

/** In the order of PlanFault in native/core/control/planner.h: 'time' where not even one group of plans fitted. */
const FAULTS = ['none', 'time', 'untold', 'cost', 'alike'] as const;

/** Fewer samples are none to learn from. */
const FEW = 16;

/** Cycles in a row that do not come to one iteration until the process is warned. */
const PATIENCE = 3;

/** What was done for a plan. */
interface Done {
  readonly fault: number;
  readonly iterations: number;
}

/** What is said of a plan for which less than an iteration was done; as a rule `fitting` samples are tried in `seconds`. */
export function planNotice(settings: PlannerSettings, done: Done, fitting: number, seconds: number): string {
  const { horizon, samples } = settings.native;
  switch (FAULTS[done.fault]) {
    case 'untold':
      return `Under every plan that was tried the model runs away within ${horizon} steps: nothing is learned.`;
    case 'cost':
      return 'No plan that was tried has a cost that is a number below 1e30: nothing is learned.';
    case 'alike':
      return 'All plans that were tried are the same, by the noise and the limits of the actions: nothing is learned.';
    default:
      if (fitting < samples) return fitSentence(settings, fitting, seconds);
      return `${rounded(done.iterations)} iterations of ${samples} samples were done in the time that is enough for one as a rule.`;
  }
}

/** How much of an iteration fits, and what would. */
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

/** Warns the process, once, of a planner that has not the time for an iteration, or learns nothing. */
export class PlanWarning {
  #inARow = 0;
  #warned = false;

  /** Before the first plan, which may take so long. */
  started(settings: PlannerSettings, fitting: number, seconds: number): void {
    if (fitting < settings.native.samples) this.#warn(fitSentence(settings, fitting, seconds));
  }

  /** After a plan, of which there is something to say, or nothing. */
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
