import type { NativeController } from './native-controller.ts';
import type { Dynamics } from './attached-rollout.ts';
import { type Handle, native, nativeHandle, type NativeNetwork, releaseNow, releaseWith } from './native.ts';

/** What plans cost, as rows of numbers. */
export interface CostTerms {
  /** Of output, weight, terminal weight. */
  readonly track: Float64Array;
  /** Of output, min, max, weight. */
  readonly soft: Float64Array;
  /** Of output, weight. */
  readonly risk: Float64Array;
  /** Of action, weight, weight of the change. */
  readonly effort: Float64Array;
}

/** All plans of an iteration, on SharedArrayBuffers: `ask` is called when the rest is there, and sets the costs. */
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

export interface PlannerOptions {
  readonly method: 'mppi' | 'cem' | 'icem' | 'random';
  readonly samples: number;
  readonly horizon: number;
  readonly iterations: number;
  /** Most time for a plan [s]; may be infinite. */
  readonly time: number;
  readonly seed: number;
  readonly threads: number;
  /** [s] */
  readonly interval: number;
  readonly compensate: boolean;
  /** Of the noise on each action. */
  readonly deviation: Float64Array;
  readonly colour: number;
  /** 0: by the costs. */
  readonly temperature: number;
  readonly elites: number;
  readonly keep: number;
  readonly momentum: number;
  /** Rows of min, max, rate, acceleration, jerk of an action, from step to step; the last three may be infinite. */
  readonly limits: Float64Array;
  readonly cost: CostTerms;
  /** References of the terms `track` and `effort`, [terms][horizon]. */
  readonly references: Float64Array;
  /** Whether an iteration tries no more samples than there is time for. */
  readonly adapt: boolean;
  /** In place of `cost`. */
  readonly batch: AttachedBatch | undefined;
}

/** How many samples an iteration can evaluate in so many seconds, by the planner's own measurements. */
export function fittingSamples(planner: Handle, seconds: number): number {
  return native.fittingSamples(planner, seconds);
}

function createPlanner(
  networks: readonly NativeNetwork[],
  dynamics: readonly Dynamics[],
  options: PlannerOptions,
): Handle {
  const handles = networks.map((network) => network[nativeHandle]);
  return native.createPlanner(handles, dynamics, options);
}

/** A planner over an ensemble of networks that stand for one plant, for a loop that runs it without JavaScript. */
export function plannerController(
  networks: readonly NativeNetwork[],
  dynamics: readonly Dynamics[],
  options: PlannerOptions,
): NativeController {
  const observations = dynamics[0]!.outputs.length;
  return {
    observations,
    actions: dynamics[0]!.mean.length - observations,
    create: () => createPlanner(networks, dynamics, options),
  };
}

/** A native planner with what it remembers of one run. */
export class AttachedPlanner {
  /** Actions, [horizon][actions], and what they lead to, [horizon][outputs], of the last plan. */
  readonly plan: Float64Array;
  readonly predicted: Float64Array;
  /** Of the next plan, [terms][horizon]: at first those of the options. */
  readonly references: Float64Array;
  readonly #result = new Float64Array(5);
  readonly #times = new Float64Array(3);
  readonly #handle: Handle;

  /** Throws `invalid-argument` for what is out of range or does not fit the networks. */
  constructor(networks: readonly NativeNetwork[], dynamics: readonly Dynamics[], options: PlannerOptions) {
    const { horizon, limits, references } = options;
    this.plan = new Float64Array((horizon * limits.length) / 5);
    this.predicted = new Float64Array(horizon * dynamics[0]!.outputs.length);
    this.references = references.slice();
    this.#handle = createPlanner(networks, dynamics, options);
    releaseWith(this, this.#handle);
  }

  /** Of the last plan. */
  get iterations(): number {
    return this.#result[0]!;
  }

  /** Of the last plan; NaN if it is not known. */
  get cost(): number {
    return this.#result[1]!;
  }

  /** Whether no plan is behind the last action. */
  get held(): boolean {
    return this.#result[2] === 1;
  }

  /** Why nothing new was learned for it: PlanFault of native/core/control/planner.h. */
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
   * Plans for what was observed `at`, from when the action takes `effect`; `sent` are rows of the time of effect and
   * the action, all in s. False if the models cannot take the values or are asked for too far a time. Throws what `ask`
   * throws.
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
