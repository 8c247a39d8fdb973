import { AttachedRollout } from '../../network/attached-rollout.ts';
import { expected, GatecastError, misfit } from '../../base/errors.ts';
import { Forecaster } from '../../model/forecaster.ts';
import { ForecasterStates, stateModel } from '../../model/forecaster-states.ts';
import { type ForecasterState, ModelState, statesOf } from '../../model/model-state.ts';
import { allocate } from '../../base/memory.ts';
import { dynamicsOf } from '../../model/dynamics.ts';
import { numbersOf, readValues, type SampleForm, type SampleValues } from '../../model/sample.ts';
import { isList, list, object, whole } from '../../base/schema.ts';
import { finiteList } from '../finite-list.ts';
import { isA, reading } from '../../base/values.ts';

export interface RolloutOptions {
  /** How many plans are rolled out at once, 1 to 2^20. */
  samples: number;
  /** Steps per plan, 1 to 2^20. */
  horizon: number;
  /** Threads that share the plans, 1 (default) to 64. They sleep when idle. */
  threads?: number;
}

const size = whole(1, 2 ** 20);
const check = object<RolloutOptions>({ samples: size, horizon: size, threads: whole(1, 64) }, ['threads']);

/**
 * Predicts with a forecaster what a plant will do under many plans at once. Each plan is a sequence of actions, and the
 * forecast for a step is the sample of the next.
 *
 * The forecaster looks one step ahead, and its targets are all of its inputs but the actions. The numbers are, to the
 * bit, those of a fork of the state that is stepped with each action and the previous forecast, rounded to 32 bits.
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
  /** The forecaster's targets: what is measured and predicted. */
  readonly outputs: readonly string[];
  /** The other inputs, in the forecaster's order. */
  readonly actions: readonly string[];
  /**
   * For each plan, how many steps the last run could predict, [samples]; see `run`. The memory is the same at each run.
   */
  readonly steps: Int32Array;
  readonly #model;
  readonly #rollout;
  readonly #columns: Int32Array;
  readonly #form: SampleForm;
  readonly #measured: Float64Array;
  #disposed = false;

  /**
   * Allocates all the memory that runs need. Throws `invalid-argument` for wrong options and for a forecaster that
   * looks further than one step ahead, has the loss 'quantile', memory 'window' of more than one sample, or no input
   * that is an action.
   */
  constructor(model: Forecaster | ForecasterState, options: RolloutOptions) {
    if (!(isA(model, Forecaster) || isForecasterState(model))) {
      throw misfit('a Forecaster or a state of one', 'model', model);
    }
    const { samples, horizon, threads = 1 } = check(options, 'options');
    this.#model = isA(model, Forecaster) ? model[stateModel] : model[statesOf].model;
    const { description, network } = this.#model;
    const { actions, dynamics } = dynamicsOf(this.#model);
    this.samples = samples;
    this.horizon = horizon;
    this.outputs = description.targets;
    this.#form = numbersOf(description.targets);
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
   * Rolls every plan out from `state`, which is not changed. `measured` are the present outputs: the state has taken
   * the samples before them. `actions` are [samples][horizon][actions], the first of each plan taken now.
   *
   * Returns the outputs after each action, [samples][horizon][outputs]. The memory is the same at each run: copy it to
   * keep it. If an action or a forecast is so extreme that the network cannot take it, the plan ends there: its later
   * outputs repeat the last ones, and `steps` says how many were predicted. None is ever NaN or infinite.
   *
   * Throws `invalid-shape` for the wrong number of actions, `invalid-argument` for an action that is not finite or a
   * state of another forecaster, `invalid-sample` for measured values that a state would refuse, and `disposed`;
   * nothing has changed then.
   */
  run(state: ForecasterState, measured: SampleValues, actions: Float32Array): Float32Array {
    if (this.#disposed) throw new GatecastError('disposed', 'Expected a roll-out in use but received a disposed one.');
    if (!isForecasterState(state)) {
      throw misfit('a ForecasterState', 'state', state);
    }
    const states = state[statesOf];
    if (states.model.network !== this.#model.network) {
      throw new GatecastError(
        'invalid-argument',
        'Expected a state of the forecaster that this roll-out was made for.',
      );
    }
    reading('the values measured', () => readValues(measured, this.#form, this.#measured, false));
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

  /** Frees the native memory now instead of at some garbage collection. May be called twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#rollout.dispose();
  }
}

/**
 * Rolls some plans out from a state: a `Rollout` that is made for this call only. To plan repeatedly, make a `Rollout`
 * and keep it.
 *
 * `measured` are the present targets, and each plan is a list of [horizon][actions]. Returns for each plan the
 * predicted outputs, [steps][outputs]. A plan that ends early has fewer steps; see `Rollout#run`.
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
  if (!isForecasterState(state)) {
    throw misfit('a ForecasterState', 'state', state);
  }
  const { targets, inputs } = state[statesOf].description;
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
  const predicted = checked.map((_, k) => outputs.slice(k * row, k * row + all.steps[k]! * targets.length));
  all.dispose();
  return predicted;
}

/** The most values in a plan that is rolled out once. */
const MOST_VALUES = 2 ** 20;

function numbers(plan: unknown, name: string): Float64Array {
  const values = reading(name, () =>
    isList(plan) && plan.length <= MOST_VALUES ? finiteList(plan, plan.length) : undefined,
  );
  if (values !== undefined) return values;
  throw misfit('a list of finite numbers', name, plan);
}

function isForecasterState(value: unknown): value is ForecasterState {
  return isA(value, ModelState) && isA(value[statesOf], ForecasterStates);
}
