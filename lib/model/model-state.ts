import { GatecastError } from '../base/errors.ts';
import { Forecast, numberCount, toNumbers } from './forecast.ts';
import type { ForecasterStates } from './forecaster-states.ts';
import type { ModelStates } from './model-states.ts';
import { readSample, type Sample, type SampleTime } from './sample.ts';
import { oneOf, object } from '../base/schema.ts';
import { NONE_SKIPPED, type Skipped, skippedOf } from './skipped.ts';

export interface StateOptions {
  /**
   * What to do with a sample of wrong length or with a missing, non-finite or absurdly large value: leave it out and
   * count it (the default), or throw `invalid-sample`. The state takes it in neither case.
   */
  onInvalid?: 'skip' | 'error';
}

export const checkStateOptions = object<StateOptions>({ onInvalid: oneOf('skip', 'error') }, ['onInvalid']);

/** The name by which the states are reached that hold a `ModelState`, in slot 0. */
export const statesOf: unique symbol = Symbol('states');

/** The state of a recurrent forecaster, which can be rolled out. */
export type ForecasterState = ModelState<ForecasterStates>;

/** What a model remembers of one stream. Made by `createState()` of the model. */
export class ModelState<S extends ModelStates = ModelStates> {
  readonly #options: StateOptions;
  readonly #names: readonly string[];
  readonly #make: () => S;
  readonly #states: S;
  readonly #numbers: Float64Array;
  #skipped = NONE_SKIPPED;
  #disposed = false;

  /** `make` makes states with one slot. Starts where `origin` is now; without it, from nothing. */
  constructor(make: () => S, options: StateOptions = {}, origin?: ModelState<S>) {
    this.#options = checkStateOptions(options, 'options');
    this.#make = make;
    this.#states = make();
    const { description } = this.#states;
    this.#names = description.inputs.map((input) => input.name);
    this.#numbers = new Float64Array(numberCount(description));
    if (origin) {
      this.#states.copy(0, 0, origin.#states);
      this.#skipped = origin.#skipped;
    }
  }

  /** Samples taken since the start or the last reset. */
  get samples(): number {
    return this.#states.samples(0);
  }

  /** Samples left out since the start or the last reset: only invalid ones, because times are not looked at. */
  get skipped(): Skipped {
    return this.#skipped;
  }

  /**
   * Takes one sample and forecasts from it; returns undefined for an invalid one that was skipped. `at` is the time
   * of a sample that carries none.
   *
   * Throws `invalid-argument` for what is no sample at all, `invalid-sample` for an invalid one unless they are
   * skipped, and `disposed`. The state is then as it was before.
   */
  step(sample: Sample, at?: SampleTime): Forecast | undefined {
    this.#checkUsable();
    const states = this.#states;
    let time: number | undefined;
    try {
      time = readSample(sample, at, this.#names, states.values);
      states.stage(0, 0);
    } catch (error) {
      if (this.#options.onInvalid === 'error' || !isInvalidSample(error)) throw error;
      this.#skipped = skippedOf(this.#skipped.invalid + 1, 0, 0, 0);
      return undefined;
    }
    states.advance(1);
    states.read(0, this.#numbers);
    return new Forecast(states.description, toNumbers(this.#numbers), time, states.ready(0), this.#skipped);
  }

  /** Throws `disposed`. */
  get [statesOf](): S {
    this.#checkUsable();
    return this.#states;
  }

  /** A second state that goes on from here on its own. */
  fork(): ModelState<S> {
    this.#checkUsable();
    return new ModelState(this.#make, this.#options, this);
  }

  /** Forgets the stream, as if newly made. */
  reset(): void {
    this.#checkUsable();
    this.#states.reset(0);
    this.#skipped = NONE_SKIPPED;
  }

  /** Frees the memory now instead of when the garbage collector comes by. May be called twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#states.dispose();
  }

  #checkUsable(): void {
    if (this.#disposed) throw new GatecastError('disposed', 'Expected a state in use but received a disposed one.');
  }
}

export function isInvalidSample(error: unknown): error is GatecastError {
  return error instanceof GatecastError && error.code === 'invalid-sample';
}
