import type { NativeController } from './native-controller.ts';
import type { Dynamics } from './attached-rollout.ts';
import { type Handle, native, nativeHandle, type NativeNetwork, releaseNow, releaseWith } from './native.ts';

/** The terms of a plan's cost, as rows of numbers. */
export interface CostTerms {
  /** Rows of output, weight, terminal weight. */
  readonly track: Float64Array;
  /** Rows of output, min, max, weight. */
  readonly soft: Float64Array;
  /** Rows of output, weight. */
  readonly risk: Float64Array;
  /** Rows of action, weight, weight of the change. */
  readonly effort: Float64Array;
}

/**
 * All plans of an iteration, on SharedArrayBuffers: `ask` is called when the other arrays are filled in, and sets
 * `costs`.
 */
export interface AttachedBatch {
  /** [samples][horizon][actions] */
  readonly actions: Float32Array;
  /** [samples][horizon][outputs] */
  readonly outputs: Float32Array;
  /** [samples] */
  readonly steps: Int32Array;
  /** [samples] */
  readonly costs: Float64Array;
  ask(): void;
}

export interface NativePlannerOptions {
  readonly method: 'mppi' | 'cem' | 'icem' | 'random';
  readonly samples: number;
  readonly horizon: number;
  readonly iterations: number;
  /** Longest time for a plan [s]; may be infinite. */
  readonly time: number;
  readonly seed: number;
  readonly threads: number;
  /** [s] */
  readonly interval: number;
  readonly compensate: boolean;
  /** Standard deviation of the noise on each action. */
  readonly deviation: Float64Array;
  readonly colour: number;
  /** 0 sets it from the costs. */
  readonly temperature: number;
  readonly elites: number;
  readonly keep: number;
  readonly momentum: number;
  /** Rows of min, max, rate, acceleration and jerk, one per action; the last three are per step and may be infinite. */
  readonly limits: Float64Array;
  readonly cost: CostTerms;
  /** References of the `track` and `effort` terms, [terms][horizon]. */
  readonly references: Float64Array;
  /** Whether an iteration tries only as many samples as there is time for. */
  readonly adapt: boolean;
  /** Takes the place of `cost`. */
  readonly batch: AttachedBatch | undefined;
}

/** How many samples an iteration can evaluate in `seconds`, by the planner's own measurements. */
export function fittingSamples(planner: Handle, seconds: number): number {
  return native.fittingSamples(planner, seconds);
}

function createPlanner(
  networks: readonly NativeNetwork[],
  dynamics: readonly Dynamics[],
  options: NativePlannerOptions,
): Handle {
  const handles = networks.map((network) => network[nativeHandle]);
  return native.createPlanner(handles, dynamics, options);
}

/** A planner over an ensemble of networks that model one plant, for a loop that runs it without JavaScript. */
export function plannerController(
  networks: readonly NativeNetwork[],
  dynamics: readonly Dynamics[],
  options: NativePlannerOptions,
): NativeController {
  const observations = dynamics[0]!.outputs.length;
  return {
    observations,
    actions: dynamics[0]!.mean.length - observations,
    create: () => createPlanner(networks, dynamics, options),
  };
}

/** A native planner and its memory of one run. */
export class AttachedPlanner {
  /** The actions of the last plan, [horizon][actions], and the predicted outputs, [horizon][outputs]. */
  readonly plan: Float64Array;
  readonly predicted: Float64Array;
  /** References for the next plan, [terms][horizon]; at first those of the options. */
  readonly references: Float64Array;
  readonly #result = new Float64Array(5);
  readonly #times = new Float64Array(3);
  readonly #handle: Handle;

  /** Throws `invalid-argument` for values that are out of range or do not fit the networks. */
  constructor(networks: readonly NativeNetwork[], dynamics: readonly Dynamics[], options: NativePlannerOptions) {
    const { horizon, limits, references } = options;
    this.plan = new Float64Array((horizon * limits.length) / 5);
    this.predicted = new Float64Array(horizon * dynamics[0]!.outputs.length);
    this.references = references.slice();
    this.#handle = createPlanner(networks, dynamics, options);
    releaseWith(this, this.#handle);
  }

  /** Iterations of the last plan. */
  get iterations(): number {
    return this.#result[0]!;
  }

  /** Cost of the last plan; NaN if it is not known. */
  get cost(): number {
    return this.#result[1]!;
  }

  /** Whether the last action was held because there was no plan. */
  get held(): boolean {
    return this.#result[2] === 1;
  }

  /** Why the last plan learned nothing: PlanFault in native/core/control/planner.h. */
  get fault(): number {
    return this.#result[3]!;
  }

  /** Effective number of plans in the weighted mean, in the last iteration that learned something. */
  get effectiveSamples(): number {
    return this.#result[4]!;
  }

  /** See `fittingSamples`. */
  fittingSamples(seconds: number): number {
    return fittingSamples(this.#handle, seconds);
  }

  /**
   * Plans for what was observed at `at`, from the time `effect` when the action takes effect. `sent` has rows of time
   * of effect and action; all times are in s. False if the models cannot take the values or would have to predict too
   * far. Throws what `ask` throws.
   */
  decide(values: Float64Array, at: number, effect: number, timeLeft: number, sent: Float64Array): boolean {
    this.#times.set([at, effect, Math.min(timeLeft, Number.MAX_VALUE)]);
    return native.decidePlan(
      this.#handle,
      values,
      this.#times,
      sent,
      this.references,
      this.plan,
      this.predicted,
      this.#result,
    );
  }

  dispose(): void {
    releaseNow(this, this.#handle);
  }
}
