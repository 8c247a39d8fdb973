import { expected, GatecastError } from '../../base/errors.ts';
import type { Forecaster } from '../../model/forecaster.ts';
import { Rollout } from '../planning/rollout.ts';
import type { LoopDescription } from './loop-description.ts';

/** What a simulated loop drives. In each period it is observed once and then acted on once. */
export interface Plant {
  /** Returns what is measured now: a number for each input of the loop. */
  observe(): ArrayLike<number>;
  /** Lets one period pass under an action. */
  act(action: Float64Array): void;
}

/**
 * A plant that is simulated by a forecaster of it, from values that were measured. The forecaster looks one step ahead,
 * a period of the loop; its targets are all of its inputs but the actions. If all its names are those of the loop they
 * are matched by name, otherwise by their order.
 *
 * Throws `invalid-argument` for a forecaster that does not fit. `act` throws `invalid-data` if the plant would go so
 * far off that the forecaster cannot predict it any more.
 */
export class ModelPlant implements Plant {
  readonly #rollout: Rollout;
  readonly #state;
  readonly #names: readonly string[];
  /** For each output and action of the forecaster, its place among the loop's. */
  readonly #outputs: readonly number[];
  readonly #actions: readonly number[];
  readonly #measured: Float64Array;

  constructor(
    model: Forecaster,
    { inputNames, actionNames }: LoopDescription,
    measured: ArrayLike<number> | undefined,
  ) {
    this.#rollout = new Rollout(model, { samples: 1, horizon: 1 });
    const { outputs, actions } = this.#rollout;
    checkCount('outputs', outputs, inputNames);
    checkCount('actions', actions, actionNames);
    this.#outputs = placesOf(outputs, inputNames);
    this.#actions = placesOf(actions, actionNames);
    this.#state = model.createState({ onInvalid: 'error' });
    this.#names = model.description.inputs.map(({ name }) => name);
    const { mean } = model.scaler;
    this.#measured = new Float64Array(outputs.length);
    outputs.forEach((name, o) => {
      const place = this.#outputs[o]!;
      this.#measured[place] = measured?.[place] ?? mean[this.#names.indexOf(name)]!;
    });
  }

  observe(): Float64Array {
    return this.#measured.slice();
  }

  act(action: Float64Array): void {
    const { outputs, actions } = this.#rollout;
    const now = Object.fromEntries(outputs.map((name, o) => [name, this.#measured[this.#outputs[o]!]!]));
    const done = Object.fromEntries(actions.map((name, a) => [name, action[this.#actions[a]!]!]));
    const next = this.#rollout.run(
      this.#state,
      now,
      Float32Array.from(actions, (name) => done[name]!),
    );
    if (this.#rollout.steps[0] === 0) {
      throw new GatecastError('invalid-data', 'Expected a plant that the model can predict but it went too far off.');
    }
    this.#state.step({ values: { ...now, ...done } });
    outputs.forEach((_, o) => (this.#measured[this.#outputs[o]!] = next[o]!));
  }

  dispose(): void {
    this.#rollout.dispose();
    this.#state.dispose();
  }
}

function checkCount(what: string, here: readonly string[], loop: readonly string[]): void {
  if (here.length === loop.length) return;
  const message = expected(
    `${loop.length}, as the loop has (${loop.join(', ')})`,
    `the ${what} of the plant`,
    here.join(', '),
  );
  throw new GatecastError('invalid-argument', message);
}

function placesOf(names: readonly string[], loop: readonly string[]): number[] {
  const places = names.map((name) => loop.indexOf(name));
  return places.includes(-1) ? names.map((_, i) => i) : places;
}
