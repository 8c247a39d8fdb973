import { expected, GatecastError, misfit } from '../../base/errors.ts';
import { isList } from '../../base/schema.ts';
import { type AttachedBatch, AttachedPlanner } from '../../network/attached-planner.ts';
import { systemClock } from '../clock.ts';
import type { SentAction } from '../actions-under-way.ts';
import { atOnce } from '../at-once.ts';
import type { ControlContext } from '../control-cycle.ts';
import { finiteList } from '../finite-list.ts';
import type { Observation } from '../observation.ts';
import { planNotice, PlanWarning } from './plan-notice.ts';
import type { CostFunction, PlannerSettings } from './planner-options.ts';
import type { PlanDecision } from './planners.ts';
import { isArray, reading } from '../../base/values.ts';

/** Of the time until a loop's deadline, so much is for planning: the rest is the loop's. */
export const SHARE = 0.9;
/** More actions under way say nothing that is of use. */
const MOST_SENT = 10_000;

/** What a planner remembers of one run. */
export class PlannerRun {
  readonly #settings: PlannerSettings;
  readonly #planner: AttachedPlanner;
  readonly #warning = new PlanWarning();
  /** Without a context: steps taken, and the action before as a row of its time and values. */
  #step = 0;
  #sent = new Float64Array();

  constructor(settings: PlannerSettings) {
    const { networks, dynamics, native, costFunction } = settings;
    this.#settings = settings;
    const batch = costFunction && attachBatch(settings, costFunction);
    this.#planner = new AttachedPlanner(networks, dynamics, { ...native, batch });
    this.#warning.started(settings, this.#planner.fittingSamples(native.time), native.time);
  }

  decide(observation: ArrayLike<number> | Observation, context: ControlContext | undefined): PlanDecision {
    const { ask, outputs, actions } = this.#settings;
    const { at, values, bare } = reading('an observation', () => readObserved(observation, outputs.length));
    if (values === undefined) {
      const what = `${outputs.length} finite numbers (${outputs.join(', ')})`;
      throw new GatecastError('invalid-sample', expected(what, 'an observation', observation));
    }
    const situation = bare || context === undefined ? this.#now() : this.#asKnown(at, context);
    const planner = this.#planner;
    ask?.(planner.references);
    if (!planner.decide(values, situation.at, situation.effect, situation.left, situation.sent)) {
      const what = 'values, and times, that the model can follow';
      throw new GatecastError('invalid-sample', expected(what, 'an observation', values.join(', ')));
    }
    const { iterations, held } = planner;
    const notice = iterations < 1 ? this.#notice(situation.left) : undefined;
    this.#warning.planned(notice);
    const plan = planner.plan.slice();
    const action = plan.slice(0, actions.length);
    if (bare || context === undefined) {
      this.#step++;
      this.#sent = Float64Array.of(situation.at, ...action);
    }
    return {
      action,
      held,
      notice,
      iterations,
      effectiveSamples: planner.effectiveSamples,
      cost: Number.isNaN(planner.cost) ? undefined : planner.cost,
      plan,
      predicted: planner.predicted.slice(),
    };
  }

  #notice(left: number): string {
    const seconds = Math.min(left, this.#settings.native.time);
    return planNotice(this.#settings, this.#planner, this.#planner.fittingSamples(seconds), seconds);
  }

  /** Without a context: the next step, with an action that takes effect in it. In s, as all here. */
  #now(): Situation {
    const at = this.#step * this.#settings.native.interval;
    return { at, effect: at, left: Infinity, sent: this.#sent };
  }

  #asKnown(at: unknown, context: ControlContext): Situation {
    const { actions } = this.#settings;
    const { tEffect, underWay, clock, deadline } = reading('context', () => {
      const { tEffect, underWay, clock, deadline } = (context ?? {}) as Partial<ControlContext>;
      return { tEffect, underWay, clock, deadline };
    });
    const what = `a list of at most ${MOST_SENT} actions that were sent`;
    if (!isArray(underWay) || underWay.length > MOST_SENT) throw misfit(what, 'context.underWay', underWay);
    const width = 1 + actions.length;
    const sent = new Float64Array(underWay.length * width);
    for (let k = 0; k < underWay.length; k++) {
      const name = `context.underWay[${k}]`;
      const { tEffect: effect, action } = reading(name, () => ({ ...underWay[k] })) as Partial<SentAction>;
      const values = finiteList(action, actions.length);
      if (values === undefined) throw misfit(`${actions.length} finite numbers`, `${name}.action`, action);
      sent[k * width] = seconds(effect, `${name}.tEffect`);
      sent.set(values, k * width + 1);
    }
    const times = { at: seconds(at, 'the time of an observation'), effect: seconds(tEffect, 'context.tEffect') };
    // How much time a loop has by another clock, nobody knows.
    const most = clock === systemClock ? SHARE * (milliseconds(deadline) - systemClock.now()) : Infinity;
    return { ...times, left: Math.max(0, most) / 1000, sent };
  }
}

/** When an action is decided, in s. */
interface Situation {
  readonly at: number;
  readonly effect: number;
  /** Time until the deadline. */
  readonly left: number;
  /** Rows of the time of effect and the action. */
  readonly sent: Float64Array;
}

/** Values, with their time unless they are a bare list; undefined unless they are `length` finite numbers. */
function readObserved(observation: unknown, length: number) {
  const bare = isList(observation);
  const { at, values } = (bare ? { values: observation } : (observation ?? {})) as { at?: unknown; values?: unknown };
  return { at, values: finiteList(values, length), bare };
}

/** Arrays for a cost function, which is asked through them. */
function attachBatch({ native, outputs, actions }: PlannerSettings, cost: CostFunction): AttachedBatch {
  const { samples, horizon } = native;
  const memory = (values: number, bytes = 4) => new SharedArrayBuffer(values * bytes);
  const batch = {
    actions: new Float32Array(memory(samples * horizon * actions.length)),
    outputs: new Float32Array(memory(samples * horizon * outputs.length)),
    steps: new Int32Array(memory(samples)),
  };
  const costs = new Float64Array(memory(samples, 8));
  const ask = () => {
    costs.fill(Number.NaN); // NaN: a cost that the function does not set
    atOnce(cost(batch, costs), 'what options.cost gives');
  };
  return { ...batch, costs, ask };
}

/** The seconds of a time in ms. */
function seconds(time: unknown, name: string): number {
  if (typeof time === 'number' && Number.isFinite(time)) return time / 1000;
  throw misfit('milliseconds', name, time);
}

/** A deadline, which may be infinite. */
function milliseconds(deadline: unknown): number {
  if (typeof deadline === 'number' && !Number.isNaN(deadline)) return deadline;
  throw misfit('milliseconds', 'context.deadline', deadline);
}
