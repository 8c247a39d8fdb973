import { expected, GatecastError } from '../errors.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { isList } from '../model/schema.ts';
import { type AttachedBatch, AttachedPlanner } from '../network/attached-planner.ts';
import { RecurrentNetwork } from '../network/recurrent-network.ts';
import { systemClock } from './clock.ts';
import type { ControlContext } from './control-cycle.ts';
import { finiteList } from './finite-list.ts';
import type { Observation } from './observation.ts';
import {
  type CemOptions,
  type CostFunction,
  type IcemOptions,
  type MppiOptions,
  type PlannerSettings,
  plannerSettings,
  type RandomShootingOptions,
} from './planner-options.ts';

/** What a planner decides. Arrays are in the order of the forecaster's inputs that are no targets, and of its targets. */
export interface PlanDecision {
  /** [actions], of now: the first of the plan. */
  readonly action: Float64Array;
  /** That were done in the time there was. With 0 the plan is what is left of the one before. */
  readonly iterations: number;
  /** Of the plan; with a cost function, of the best plan that it saw, if it saw any. */
  readonly cost: number | undefined;
  /** [horizon][actions] */
  readonly plan: Float64Array;
  /** What the plan is expected to lead to, after each action [horizon][outputs]. */
  readonly predicted: Float64Array;
}

/** Decides for what is observed of a plant: values in the order of the forecaster's targets, bare or with their time. */
export interface PlannerPolicy {
  /**
   * Gives the function that takes one observation after the other. In a control loop it goes by the times in the context; without,
   * each observation is a step of the model and its action takes effect at once.
   */
  start(): (observation: ArrayLike<number> | Observation, context?: ControlContext) => PlanDecision;
}

/** Of the time until a loop's deadline, so much is for planning: the rest is the loop's. */
const SHARE = 0.9;

/**
 * Plans by model-predictive path integral control: each plan is the mean of many, weighted by exp(-cost / temperature) (Williams
 * et al. 2017, "Information theoretic MPC for model-based reinforcement learning"). Smooth, and good with one iteration a cycle.
 *
 * `model` is a forecaster of one step whose targets are all inputs but the actions, as `Rollout` takes it, or a list of up to 16
 * such models of the same plant. Each plan goes on from the one before. All of it runs in native code; nothing is allocated there.
 *
 * ```ts
 * const plan = mppi(cart, {
 *   samples: 256,
 *   horizon: 50,
 *   cost: { track: { position: { weight: 1, reference: 2 } }, actions: { force: { change: 0.1 } } },
 *   limits: { force: { min: -5, max: 5, maxRate: 50 } },
 * });
 * controlLoop({ hz: 100, observe, inputs: 2, decide: plan, act, fallback: [0], limits: [{ min: -5, max: 5, maxRate: 50 }] });
 * ```
 *
 * Throws `invalid-argument` at once for wrong options; at an observation, `invalid-sample` for one that the model cannot take.
 */
export function mppi(model: Forecaster | readonly Forecaster[], options: MppiOptions): PlannerPolicy {
  return policyOf(plannerSettings('mppi', model, options));
}

/**
 * Plans by the cross-entropy method: the mean and the deviation of the plans go to those of the best (Rubinstein & Kroese 2004).
 * The answer is the mean. As `mppi` in all else.
 *
 * ```ts
 * const plan = cem(cart, { samples: 256, horizon: 50, iterations: 4, elites: 25, cost, limits });
 * ```
 */
export function cem(model: Forecaster | readonly Forecaster[], options: CemOptions): PlannerPolicy {
  return policyOf(plannerSettings('cem', model, options));
}

/**
 * Plans by the improved cross-entropy method: coloured noise, and the best plans are kept from iteration to iteration and from
 * plan to plan (Pinneri et al. 2020, "Sample-efficient cross-entropy method for real-time planning"). The answer is the best plan
 * of all. Few samples go far. As `mppi` in all else.
 *
 * ```ts
 * const plan = icem(cart, { samples: 64, horizon: 50, iterations: 3, cost, limits });
 * ```
 */
export function icem(model: Forecaster | readonly Forecaster[], options: IcemOptions): PlannerPolicy {
  return policyOf(plannerSettings('icem', model, options));
}

/**
 * Plans by random shooting: the best of plans of any actions inside the bounds, and of the last one. What others are measured by.
 *
 * ```ts
 * const plan = randomShooting(cart, { samples: 1024, horizon: 20, cost, limits });
 * ```
 */
export function randomShooting(
  model: Forecaster | readonly Forecaster[],
  options: RandomShootingOptions,
): PlannerPolicy {
  return policyOf(plannerSettings('random', model, options));
}

function policyOf(settings: PlannerSettings): PlannerPolicy {
  return {
    start() {
      const run = new PlannerRun(settings);
      return (observation, context) => run.decide(observation, context);
    },
  };
}

/** What a planner remembers of one run. */
class PlannerRun {
  readonly #settings: PlannerSettings;
  readonly #planner: AttachedPlanner;
  /** Without a context: steps taken, and the action before as a row of its time and values. */
  #step = 0;
  #sent = new Float64Array();

  constructor(settings: PlannerSettings) {
    const { networks, dynamics, native, cost, costFunction } = settings;
    this.#settings = settings;
    const batch = costFunction && attachBatch(settings, costFunction);
    this.#planner = RecurrentNetwork.attachPlanner(networks, dynamics, { ...native, batch });
    if (!cost.asks) cost.writeReferences(this.#planner.references);
  }

  decide(observation: ArrayLike<number> | Observation, context: ControlContext | undefined): PlanDecision {
    const { cost, outputs, actions } = this.#settings;
    const values = finiteList(isList(observation) ? observation : observation?.values, outputs.length);
    if (values === undefined) {
      throw new GatecastError(
        'invalid-sample',
        expected(`${outputs.length} finite numbers (${outputs.join(', ')})`, 'an observation', observation),
      );
    }
    if (cost.asks) cost.writeReferences(this.#planner.references);
    const planner = this.#planner;
    const good =
      context === undefined || isList(observation)
        ? this.#decideNow(values)
        : this.#decideFor(values, observation.at, context);
    if (!good) {
      throw new GatecastError(
        'invalid-sample',
        expected('values and times that the model can follow', 'an observation', values.join(', ')),
      );
    }
    const plan = planner.plan.slice();
    return {
      action: plan.slice(0, actions.length),
      iterations: planner.iterations,
      cost: Number.isNaN(planner.cost) ? undefined : planner.cost,
      plan,
      predicted: planner.predicted.slice(),
    };
  }

  /** The action takes effect at the observation. */
  #decideNow(values: Float64Array): boolean {
    const { native, deadline, actions } = this.#settings;
    const at = this.#step * native.interval;
    if (!this.#planner.decide(values, at, at, deadline / 1000, this.#sent)) return false;
    this.#step++;
    this.#sent = Float64Array.of(at, ...this.#planner.plan.subarray(0, actions.length));
    return true;
  }

  #decideFor(values: Float64Array, at: number, context: ControlContext): boolean {
    const { deadline, actions } = this.#settings;
    const { tEffect, underWay, clock } = context;
    const width = 1 + actions.length;
    const sent = new Float64Array(underWay.length * width);
    underWay.forEach(({ tEffect: effect, action }, k) => {
      const row = finiteList(action, actions.length);
      if (row === undefined) {
        throw new GatecastError('invalid-argument', expected(`${actions.length} finite numbers`, 'an action', action));
      }
      sent[k * width] = effect / 1000;
      sent.set(row, k * width + 1);
    });
    // How much time a loop has by another clock, nobody knows.
    const left = clock === systemClock ? SHARE * Math.max(0, context.deadline - systemClock.now()) : Infinity;
    return this.#planner.decide(values, at / 1000, tEffect / 1000, Math.min(deadline, left) / 1000, sent);
  }
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
  return { ...batch, costs, ask: () => cost(batch, costs) };
}
