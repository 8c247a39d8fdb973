import { GatecastError } from '../../base/errors.ts';
import type { Forecaster } from '../../model/forecaster.ts';
import { type NativePolicy, toNative } from '../../network/native-controller.ts';
import { fittingSamples, plannerController } from '../../network/attached-planner.ts';
import type { ControlContext } from '../control-cycle.ts';
import type { Observation } from '../observation.ts';
import {
  type CemOptions,
  type IcemOptions,
  type MppiOptions,
  type PlannerSettings,
  plannerSettings,
  type RandomShootingOptions,
} from './planner-options.ts';
import { PlanWarning } from './plan-notice.ts';
import { PlannerRun, SHARE } from './planner-run.ts';

/**
 * What a planner decides. Arrays are in the order of the forecaster's inputs that are no targets, and of its targets.
 */
export interface PlanDecision {
  /** [actions], of now: the first of the plan. */
  readonly action: Float64Array;
  /**
   * Whether no plan is behind the action: nothing was learned for this one and the three before it, or ever. The action
   * is then the one before, at first the one nearest to 0. A control loop applies its fallback.
   */
  readonly held: boolean;
  /** Why less than one iteration was done: a sentence. */
  readonly notice: string | undefined;
  /** Iterations done in the time available; the last may be partial. With 0, the plan is the rest of the one before. */
  readonly iterations: number;
  /** Effective number of plans in the weighted mean, in the last iteration that learned something. */
  readonly effectiveSamples: number;
  /** Of the plan; with a cost function, of the best plan that it saw, if it saw any. */
  readonly cost: number | undefined;
  /** [horizon][actions] */
  readonly plan: Float64Array;
  /** What the plan is expected to lead to, after each action [horizon][outputs]; when `held`, what is measured. */
  readonly predicted: Float64Array;
}

/**
 * Decides for what is observed of a plant: values in the order of the forecaster's targets, bare or with their time.
 */
export interface PlannerPolicy extends NativePolicy {
  /**
   * Gives the function that takes one observation after the other. In a control loop it goes by the times in the
   * context; without, each observation is a step of the model and its action takes effect at once.
   */
  start(): (observation: ArrayLike<number> | Observation, context?: ControlContext) => PlanDecision;
}

/**
 * Plans by model-predictive path integral control: each plan is the mean of many, weighted by exp(-cost / temperature)
 * (Williams et al. 2017, "Information theoretic MPC for model-based reinforcement learning"). Smooth, and good with one
 * iteration a cycle.
 *
 * `model` is a forecaster of one step whose targets are all inputs but the actions, as `Rollout` takes it, or a list of
 * up to 16 such models of the same plant. Each plan goes on from the one before. All of it runs in native code; nothing
 * is allocated there.
 *
 * ```ts
 * const plan = mppi(cart, {
 *   samples: 256,
 *   horizon: 50,
 *   cost: { track: { position: { weight: 1, reference: 2 } }, actions: { force: { change: 0.1 } } },
 *   limits: { force: { min: -5, max: 5, maxRate: 50 } },
 * });
 * const limits = [{ min: -5, max: 5, maxRate: 50 }];
 * controlLoop({ hz: 100, observe, inputs: 2, decide: plan, act, fallback: [0], limits });
 * ```
 *
 * Throws `invalid-argument` at once for wrong options; at an observation, `invalid-sample` for one that the model
 * cannot take.
 */
export function mppi(model: Forecaster | readonly Forecaster[], options: MppiOptions): PlannerPolicy {
  return policyOf(plannerSettings('mppi', model, options));
}

/**
 * Plans by the cross-entropy method: the mean and the deviation of the plans go to those of the best (Rubinstein &
 * Kroese 2004). The answer is the mean. As `mppi` in all else.
 *
 * ```ts
 * const plan = cem(cart, { samples: 256, horizon: 50, iterations: 4, elites: 25, cost, limits });
 * ```
 */
export function cem(model: Forecaster | readonly Forecaster[], options: CemOptions): PlannerPolicy {
  return policyOf(plannerSettings('cem', model, options));
}

/**
 * Plans by the improved cross-entropy method: coloured noise, and the best plans are kept from iteration to iteration
 * and from plan to plan (Pinneri et al. 2020, "Sample-efficient cross-entropy method for real-time planning"). The
 * answer is the best plan of all. Few samples go far. As `mppi` in all else.
 *
 * ```ts
 * const plan = icem(cart, { samples: 64, horizon: 50, iterations: 3, cost, limits });
 * ```
 */
export function icem(model: Forecaster | readonly Forecaster[], options: IcemOptions): PlannerPolicy {
  return policyOf(plannerSettings('icem', model, options));
}

/**
 * Plans by random shooting: the best of plans of any actions inside the bounds, and of the last one. What others are
 * measured by.
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
  const { networks, dynamics, native, ask, costFunction } = settings;
  return {
    [toNative]() {
      if (ask === undefined && costFunction === undefined) {
        const controller = plannerController(networks, dynamics, { ...native, batch: undefined });
        const create = (deadline = Infinity) => {
          const handle = controller.create();
          const seconds = Math.min(SHARE * deadline, native.time);
          new PlanWarning().started(settings, fittingSamples(handle, seconds), seconds);
          return handle;
        };
        return { ...controller, create };
      }
      throw new GatecastError(
        'invalid-argument',
        'Expected a cost without functions for a planner to run natively: no JavaScript runs in a native loop.',
      );
    },
    start() {
      const run = new PlannerRun(settings);
      return (observation, context) => run.decide(observation, context);
    },
  };
}
