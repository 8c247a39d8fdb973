import { AttachedRollout } from '../../network/attached-rollout.ts';
import { expected, GatecastError, misfit } from '../../base/errors.ts';
import { Forecaster } from '../../model/forecaster.ts';
import { ForecasterState } from '../../model/forecaster-state.ts';
import { allocate } from '../../base/memory.ts';
import { dynamicsOf } from '../../model/dynamics.ts';
import { readValues, type SampleValues } from '../../model/sample.ts';
import { isList, list, record, whole } from '../../base/schema.ts';
import { finiteList } from '../finite-list.ts';
import { isA, reading } from '../../base/values.ts';

export interface RolloutOptions {
  /** Plans to roll out at once, 1 to 2^20. */
  samples: number;
  /** Steps of each plan, 1 to 2^20. */
  horizon: number;
  /** Threads that share the plans, 1 (default) to 64. They sleep when idle. */
  threads?: number;
}

const size = whole(1, 2 ** 20);
const check = record<RolloutOptions>({ samples: size, horizon: size, threads: whole(1, 64) }, ['threads']);

/**
 * Asks a forecaster what a plant will do under many plans, all at once: each plan is a sequence of actions, and what is
 * forecast for a step is the sample of the next.
 *
 * The forecaster looks one step ahead, and its targets are all of its inputs but the actions. The numbers are those of
 * a fork of the state that is stepped with each action and the forecast before, to the bit, rounded to 32 bits.
 *
 * ```ts
 * const rollout = new Rollout(oven, { samples: 2, horizon: 3 }); // inputs temperature and power, target temperature
 * const state = oven.createState();
 * const actions = Float32Array.of(0, 0, 0, 1, 1, 1); // off for three steps, on for three steps
 * const temperatures = rollout.run(state, 60, actions); // [off 1, off 2, off 3, on 1, on 2, on 3]
 * ```
 */
export class Rollout {
  readonly samples: number;
  readonly horizon: number;
  /** The forecaster's targets: what is measured, and rolled out. */
  readonly outputs: readonly string[];
  /** The other inputs, in the forecaster's order. */
  readonly actions: readonly string[];
  /** Steps of each plan that the last run could tell, [samples]; see `run`. The memory is the same at each run. */
  readonly steps: Int32Array;
  readonly #model;
  readonly #rollout;
  readonly #columns: Int32Array;
  readonly #measured: Float64Array;
  #disposed = false;

  /**
   * Takes all the memory that runs need. Throws `invalid-argument` for wrong options and for a forecaster that looks
   * further than a step ahead, has the loss 'quantile', memory 'window' of more than one sample, or no input that is an
   * action.
   */
  constructor(model: Forecaster | ForecasterState, options: RolloutOptions) {
    if (!(isA(model, Forecaster) || isA(model, ForecasterState))) {
      throw misfit('a Forecaster or a state of one', 'model', model);
    }
    const { samples, horizon, threads = 1 } = check(options, 'options');
    this.#model = isA(model, Forecaster) ? model.stateModel : model.states.model;
    const { description, network } = this.#model;
    const { actions, dynamics } = dynamicsOf(this.#model);
    this.samples = samples;
    this.horizon = horizon;
    this.outputs = description.targets;
    this.actions = actions;
    this.#columns = dynamics.outputs;
    this.#measured = new Float64Array(this.outputs.length);
    const bytes = 4 * samples * (horizon * this.outputs.length + 1);
    this.#rollout = allocate(
      bytes,
      `${samples} plans of ${horizon} steps`,
      () => new AttachedRollout(network, dynamics, samples, horizon, threads),
    );
    this.steps = this.#rollout.steps;
  }

  /**
   * Rolls every plan out from `state`, which stays as it is. `measured` is what the outputs are now: the state has
   * taken the samples before. `actions` are [samples][horizon][actions], the first of each plan taken now.
   *
   * Returns the outputs after each action, [samples][horizon][outputs]. The memory is the same at each run: copy it to
   * keep it. Where an action or a forecast is so far off that the network cannot take it, the plan ends: its outputs
   * stay what they were before, and `steps` says how many are forecasts. None is ever NaN or infinite.
   *
   * Throws `invalid-shape` for the wrong number of actions, `invalid-argument` for an action that is not finite or a
   * state that is not of this forecaster, `invalid-sample` for measured values that a state would refuse, and
   * `disposed`; nothing has changed then.
   */
  run(state: ForecasterState, measured: SampleValues, actions: Float32Array): Float32Array {
    if (this.#disposed) throw new GatecastError('disposed', 'Expected a roll-out in use but received a disposed one.');
    if (!isA(state, ForecasterState)) {
      throw misfit('a ForecasterState', 'state', state);
    }
    const states = state.states;
    if (states.model.network !== this.#model.network) {
      throw new GatecastError('invalid-argument', 'Expected a state of the forecaster that the roll-out is of.');
    }
    reading('the values measured', () => readValues(measured, this.outputs, this.#measured, false));
    for (let o = 0; o < this.#columns.length; o++) {
      const value = this.#measured[o]!;
      if (!states.inRange(this.#columns[o]!, value)) throw states.outOfRange(this.#columns[o]!, value);
      if (!Number.isFinite(Math.fround(value))) {
        throw new GatecastError('invalid-sample', expected('a 32-bit float', this.outputs[o]!, value));
      }
    }
    this.#rollout.run(states.attached, 0, this.#measured, actions);
    return this.#rollout.outputs;
  }

  /** Frees the native memory now instead of when the garbage collector comes by. May be called twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#rollout.dispose();
  }
}

/**
 * Rolls some plans out from a state, once: a `Rollout` that is made for one call. Who plans at each cycle makes one and
 * keeps it.
 *
 * `measured` is what the targets are now, and each plan is a list of [horizon][actions]. Returns for each what it leads
 * to, [steps][outputs]; one that ends early, see `Rollout#run`, has fewer steps than its plan.
 *
 * ```ts
 * const [off, on] = rollout(state, 60, [[0, 0, 0], [1, 1, 1]]); // the temperatures of three steps each
 * ```
 *
 * Throws as `Rollout` does, and `invalid-shape` for plans of different lengths.
 */
export function rollout(
  state: ForecasterState,
  measured: SampleValues,
  plans: readonly ArrayLike<number>[],
): Float32Array[] {
  if (!isA(state, ForecasterState)) {
    throw misfit('a ForecasterState', 'state', state);
  }
  const { targets, inputs } = state.states.model.description;
  const actions = inputs.length - targets.length;
  const checked = list((plan, name) => numbers(plan, name), 1, 2 ** 20)(plans, 'plans');
  const { length } = checked[0]!;
  checked.forEach((plan, k) => {
    if (plan.length !== length || length === 0 || length % actions !== 0) {
      const what = `${k > 0 ? length : `a multiple of ${actions}`} numbers, one for each step and action,`;
      throw new GatecastError('invalid-shape', expected(what, `plans[${k}]`, plan));
    }
  });
  const all = new Rollout(state, { samples: checked.length, horizon: length / actions });
  const outputs = all.run(state, measured, Float32Array.from(checked.flatMap((plan) => [...plan])));
  const row = outputs.length / checked.length;
  const told = checked.map((_, k) => outputs.slice(k * row, k * row + all.steps[k]! * targets.length));
  all.dispose();
  return told;
}

/** Of a plan that is rolled out once. */
const MOST_VALUES = 2 ** 20;

function numbers(plan: unknown, name: string): Float64Array {
  const values = reading(name, () =>
    isList(plan) && plan.length <= MOST_VALUES ? finiteList(plan, plan.length) : undefined,
  );
  if (values !== undefined) return values;
  throw misfit('a list of finite numbers', name, plan);
}
