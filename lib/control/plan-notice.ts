import type { PlannerSettings } from './planner-options.ts';

/** In the order of PlanFault in native/core/control/planner.h: 'time' where not even one group of plans fitted. */
const FAULTS = ['none', 'time', 'untold', 'cost', 'alike'] as const;

/** Fewer samples are none to learn from. */
const FEW = 16;

/** Cycles in a row that do not come to one iteration until the process is warned. */
const PATIENCE = 3;

/** What is said of a plan that took less than an iteration; `fitting` samples are tried in `seconds`. */
export function planNotice(settings: PlannerSettings, fault: number, fitting: number, seconds: number): string {
  switch (FAULTS[fault]) {
    case 'untold':
      return `Under every plan that was tried the model runs away within ${settings.native.horizon} steps: there is no plan.`;
    case 'cost':
      return 'No plan that was tried has a cost that is a number below 1e30: there is no plan.';
    case 'alike':
      return 'All plans that were tried are the same, by the noise and the limits of the actions: there is no plan.';
    default:
      return fitSentence(settings, fitting, seconds);
  }
}

/** How much of an iteration fits, and what would. */
function fitSentence(
  { native: { samples, adapt, horizon } }: PlannerSettings,
  fitting: number,
  seconds: number,
): string {
  const fits = Number((fitting / samples).toPrecision(2));
  const would = Math.floor(Number(Math.floor(fitting).toPrecision(2)));
  const time = `${Number((1000 * seconds).toPrecision(3))} ms`;
  const hint = adapt ? '' : ", and adapt: 'samples' tries no more than fit";
  const advice = would < FEW ? `take fewer steps than ${horizon}, or a smaller model` : `${would} samples would${hint}`;
  return `${fits} iterations of ${samples} samples fit in ${time}; ${advice}.`;
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
