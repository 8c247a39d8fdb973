import { misfit } from '../../base/errors.ts';
import { dynamicsOf } from '../../model/dynamics.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import { Forecaster } from '../../model/forecaster.ts';
import { stateModel } from '../../model/forecaster-states.ts';
import { checkMemory } from '../../base/memory.ts';
import { boolean, number, oneOf, object, whole } from '../../base/schema.ts';
import type { CostTerms, NativePlannerOptions } from '../../network/attached-planner.ts';
import type { Dynamics } from '../../network/attached-rollout.ts';
import type { RecurrentNetwork } from '../../network/recurrent-network.ts';
import type { ActionLimits } from '../limits.ts';
import { type CheckedCost, checkCost, type PlanCost } from './planner-cost.ts';
import { isA, isArray } from '../../base/values.ts';

/** The limits of an actuator. All plans keep to them, starting from the actions that were sent. */
export interface PlannerLimits extends ActionLimits {
  /** Largest change of the rate per second. */
  maxAcceleration?: number;
  /** Largest change of the acceleration per second. */
  maxJerk?: number;
}

/** All plans of an iteration and their predictions. The memory is the same each time. */
export interface PlanBatch {
  /** [samples][horizon][actions]; samples left out for lack of time come last and have no `steps`. */
  readonly actions: Float32Array;
  /** After each action, [samples][horizon][outputs]; the mean of several models. */
  readonly outputs: Float32Array;
  /**
   * For each plan, how many steps could be predicted, [samples]: a plan with fewer than `horizon` costs more than any
   * other.
   */
  readonly steps: Int32Array;
}

/** Sets the cost of each plan, [samples]. */
export type CostFunction = (batch: PlanBatch, costs: Float64Array) => void;

export interface PlannerOptions {
  /** How many plans are tried in an iteration, 2 to 2^20. */
  samples: number;
  /** Steps per plan, 1 to 10,000. */
  horizon: number;
  cost: PlanCost | CostFunction;
  /** Limits of each action, by name. */
  limits: Readonly<Record<string, PlannerLimits>>;
  /** Standard deviation of the noise on each action, in its unit; a quarter of its range by default. */
  noise?: Readonly<Record<string, number>>;
  /** The most iterations of a plan. */
  iterations?: number;
  /**
   * The longest time for a plan [ms], checked before each group of up to 64 samples. The deadline of a control loop
   * counts too.
   */
  deadlineMs?: number;
  /** Time between two steps of the model; by default the interval of the samples that it was trained on. */
  interval?: Duration;
  /** The same seed gives the same plans; 0 by default. */
  seed?: number;
  /** Threads that share the plans, 1 (default) to 64. They sleep when idle. */
  threads?: number;
  /** With 'samples', an iteration tries only as many samples as there is time for, but at least 16. */
  adapt?: 'samples';
  /** Whether plans start from where the plant will be when the action takes effect; true by default. */
  compensate?: boolean;
}

export interface MppiOptions extends PlannerOptions {
  /**
   * A plan that costs this much more than the best has 1/e of its weight. By default, at each iteration, a tenth of the
   * range of costs among the best tenth of the plans.
   */
  temperature?: number;
  /** The power of the noise falls with the frequency f as f^-colour: 0 (default) is white, 2 wanders. */
  colour?: number;
}

export interface CemOptions extends PlannerOptions {
  /**
   * How many of the best plans to learn from at each iteration; by default a tenth, at least 10 and at most half of
   * them.
   */
  elites?: number;
  /** Share of the old mean and deviation in the new ones, 0 to 0.99; 0.1 by default. */
  momentum?: number;
  /** As for `mppi`, but 2 by default for `icem`. */
  colour?: number;
}

export interface IcemOptions extends CemOptions {
  /**
   * How many of the best plans are tried again, at the next iteration and in the next plan; a third of `elites` by
   * default.
   */
  keep?: number;
}

export type RandomShootingOptions = Omit<PlannerOptions, 'noise'>;

/** The options of all methods. */
export type AnyOptions = MppiOptions & IcemOptions;
export type Method = NativePlannerOptions['method'];

/** The checked parts of a planner. */
export interface PlannerSettings {
  readonly networks: readonly RecurrentNetwork[];
  readonly dynamics: readonly Dynamics[];
  readonly outputs: readonly string[];
  readonly actions: readonly string[];
  readonly native: Omit<NativePlannerOptions, 'batch'>;
  readonly ask: CheckedCost['ask'];
  readonly costFunction: CostFunction | undefined;
}

const MOST_MODELS = 16;
const LIMIT = Number.MAX_VALUE;
const bound = number(-LIMIT, LIMIT);
const rate = number(0, LIMIT);
const positive = number(Number.MIN_VALUE, LIMIT);
const checkLimits = object<PlannerLimits>(
  { min: bound, max: bound, maxRate: rate, maxAcceleration: positive, maxJerk: positive },
  ['maxRate', 'maxAcceleration', 'maxJerk'],
);
const anything = (value: unknown) => value as never;
const fields = {
  samples: whole(2, 2 ** 20),
  horizon: whole(1, 10_000),
  cost: anything,
  limits: anything,
  noise: anything,
  iterations: whole(1, 2 ** 20),
  deadlineMs: rate,
  interval: milliseconds,
  seed: whole(0, Number.MAX_SAFE_INTEGER),
  threads: whole(1, 64),
  compensate: boolean,
  adapt: oneOf('samples'),
};
const own = {
  mppi: { temperature: positive, colour: number(0, 10) },
  cem: { elites: whole(1, 2 ** 20), momentum: number(0, 0.99), colour: number(0, 10) },
  icem: { elites: whole(1, 2 ** 20), momentum: number(0, 0.99), colour: number(0, 10), keep: whole(0, 2 ** 20) },
  random: {},
};
const iterationsOf = { mppi: 1, cem: 4, icem: 3, random: 1 };

/** Throws `invalid-argument` for wrong options and for models that cannot be planned with. */
export function plannerSettings(method: Method, model: unknown, options: unknown): PlannerSettings {
  const models: readonly unknown[] = isArray(model) ? Array.from(model.slice(0, MOST_MODELS + 1)) : [model];
  if (models.length < 1 || models.length > MOST_MODELS || !models.every((each) => isA(each, Forecaster))) {
    throw misfit(`a Forecaster or a list of 1 to ${MOST_MODELS}`, 'model', model);
  }
  const parts = models.map((each) => each[stateModel]);
  const [first] = parts as [(typeof parts)[0]];
  const plants = parts.map(dynamicsOf);
  const { actions } = plants[0]!;
  const outputs = first.description.targets;
  for (const { description } of parts) {
    const same = (a: readonly string[], b: readonly string[]) => a.join('\n') === b.join('\n');
    const names = (of: typeof description) => of.inputs.map(({ name }) => name);
    if (!same(names(description), names(first.description)) || !same(description.targets, outputs)) {
      throw misfit('models of the same inputs and targets', 'model', model);
    }
  }

  const allowed: Record<string, unknown> = { ...fields, ...own[method] };
  if (method === 'random') delete allowed['noise'];
  const required = ['samples', 'horizon', 'cost', 'limits'];
  const optional = Object.keys(allowed).filter((key) => !required.includes(key));
  type Checked = Omit<AnyOptions, 'interval'> & { interval?: number };
  const checked = object<Checked>(allowed as never, optional as never)(options, 'options');
  const { samples, horizon, seed = 0, threads = 1, compensate = true } = checked;
  const { interval = first.description.interval ?? undefined } = checked;
  if (interval === undefined || !(interval > 0)) {
    throw misfit('the time between two steps, which the model does not know,', 'options.interval', interval);
  }
  const limits = byName(checked.limits, 'options.limits', actions, checkLimits);
  const seconds = interval / 1000;
  const rows = actions.map((name) => {
    const { min, max, maxRate = Infinity, maxAcceleration = Infinity, maxJerk = Infinity } = limits[name]!;
    if (min > max) throw misfit(`at least min, which is ${min}`, `options.limits.${name}.max`, max);
    return [min, max, maxRate * seconds, maxAcceleration * seconds ** 2, maxJerk * seconds ** 3];
  });
  const noise = byName(checked.noise ?? {}, 'options.noise', actions, rate, true);
  if (method !== 'random' && rows.some(([min, max]) => min! < max!) && actions.every((name) => noise[name] === 0)) {
    throw misfit('more than 0 for at least one action: without noise all plans are equal,', 'options.noise', 0);
  }
  const {
    elites = Math.min(Math.max(10, Math.floor(samples / 10)), Math.floor(samples / 2)),
    momentum = 0.1,
    temperature = 0,
  } = checked;
  if (elites >= samples) throw misfit(`fewer than ${samples} samples`, 'options.elites', elites);
  const { keep = method === 'icem' ? Math.ceil(elites / 3) : 0, colour = method === 'icem' ? 2 : 0 } = checked;
  if (keep > elites) throw misfit(`at most ${elites}, which is elites`, 'options.keep', keep);
  const costFunction = typeof checked.cost === 'function' ? checked.cost : undefined;
  const cost = checkCost(costFunction ? {} : checked.cost, 'options.cost', outputs, actions, horizon);
  if (!costFunction && !weighs(cost.terms, models.length > 1)) {
    const what =
      'at least one weight above 0 (risk counts for several models only), or else all plans are equally good,';
    throw misfit(what, 'options.cost', checked.cost);
  }
  const values = samples * horizon * (first.description.inputs.length + (costFunction ? outputs.length : 0));
  checkMemory(4 * values + 8 * horizon ** 2, `${samples} plans of ${horizon} steps`);
  return {
    networks: parts.map(({ network }) => network),
    dynamics: plants.map(({ dynamics }) => dynamics),
    outputs,
    actions,
    native: {
      method,
      samples,
      horizon,
      iterations: checked.iterations ?? iterationsOf[method],
      seed,
      threads,
      interval: seconds,
      compensate,
      deviation: Float64Array.from(actions, (name, a) => noise[name] ?? (rows[a]![1]! - rows[a]![0]!) / 4),
      colour,
      temperature,
      elites,
      keep,
      momentum,
      limits: Float64Array.from(rows.flat()),
      time: (checked.deadlineMs ?? Infinity) / 1000,
      cost: cost.terms,
      references: cost.references,
      adapt: checked.adapt !== undefined,
    },
    ask: cost.ask,
    costFunction,
  };
}

/** Whether any plan can cost more than another. */
function weighs({ track, soft, risk, effort }: CostTerms, ensemble: boolean): boolean {
  const isPositive = (each: number) => each > 0;
  const last = (rows: Float64Array, width: number, count: number) =>
    rows.filter((_, k) => k % width >= width - count).some(isPositive);
  return last(track, 3, 2) || last(soft, 4, 1) || last(effort, 3, 2) || (ensemble && last(risk, 2, 1));
}

/** Checks an object with one value for each name. */
function byName<T extends number | object>(
  value: unknown,
  name: string,
  names: readonly string[],
  check: (value: unknown, name: string) => T,
  optional = false,
): Readonly<Partial<Record<string, T>>> {
  const fields = Object.fromEntries(names.map((key) => [key, check]));
  return object<Record<string, T>>(fields, optional ? [...names] : [])(value, name);
}
