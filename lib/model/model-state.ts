import { GatecastError } from '../base/errors.ts';
import { Forecast, numberCount, toNumbers } from './forecast.ts';
import type { ForecasterStates } from './forecaster-states.ts';
import { readsTimes } from './model.ts';
import type { ModelStates } from './model-states.ts';
import { readSample, type Sample, type SampleForm, sampleForm, type SampleTime } from './sample.ts';
import { oneOf, object } from '../base/schema.ts';
import { NONE_SKIPPED, type Skipped, skippedOf } from './skipped.ts';

export interface StateOptions {
  /**
   * What to do with a sample of wrong length or with a missing, non-finite or absurdly large value: skip and count it
   * (the default), or throw `invalid-sample`. In neither case does the state take it. By default, live streams also
   * emit a warning of the process if the first ten samples of a source are all invalid; with 'skip' they say nothing.
   */
  onInvalid?: 'skip' | 'error';
}

export const checkStateOptions = object<StateOptions>({ onInvalid: oneOf('skip', 'error') }, ['onInvalid']);

/** The name under which a `ModelState` holds its states, of which it uses slot 0. */
export const statesOf: unique symbol = Symbol('states');

/** The state of a forecaster. Planners can roll it out. */
export type ForecasterState = ModelState<ForecasterStates>;

/** What a model remembers of one stream, made by the model's `createState()`. */
export class ModelState<S extends ModelStates = ModelStates> {
  readonly #options: StateOptions;
  readonly #form: SampleForm;
  /** Whether the model reads the times of samples. */
  readonly #timed: boolean;
  readonly #make: () => S;
  readonly #states: S;
  readonly #numbers: Float64Array;
  #skipped = NONE_SKIPPED;
  #disposed = false;

  /**
   * `make` makes states with one slot. The new state is a copy of `origin`; without it, a state that has taken no
   * sample.
   */
  constructor(make: () => S, options: StateOptions = {}, origin?: ModelState<S>) {
    this.#options = checkStateOptions(options, 'options');
    this.#make = make;
    this.#states = make();
    const { description } = this.#states;
    this.#form = sampleForm(description);
    this.#timed = readsTimes(description);
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

  /** Samples left out since the start or the last reset: invalid ones only, because this state does not check times. */
  get skipped(): Skipped {
    return this.#skipped;
  }

  /**
   * Takes one sample and forecasts from it. Returns undefined for an invalid sample that was skipped. `at` is the time
   * of a sample that has none of its own.
   *
   * Throws `invalid-argument` for a value that is not a sample at all, `invalid-sample` for an invalid one unless they
   * are skipped, and `disposed`. The state is then unchanged.
   */
  step(sample: Sample, at?: SampleTime): Forecast | undefined {
    this.#checkUsable();
    const states = this.#states;
    let time: number | undefined;
    try {
      time = readSample(sample, at, this.#form, states.values);
      if (this.#timed) states.checkTime(time ?? Number.NaN);
      states.values.fill(0, this.#form.names.length); // nothing is missing
      states.stage(0, 0, time ?? Number.NaN);
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

  /** A copy that continues from here independently. */
  fork(): ModelState<S> {
    this.#checkUsable();
    return new ModelState(this.#make, this.#options, this);
  }

  /** Forgets all samples, as if newly made. */
  reset(): void {
    this.#checkUsable();
    this.#states.reset(0);
    this.#skipped = NONE_SKIPPED;
  }

  /** Frees the memory now, not when the garbage collector runs. May be called twice. */
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
