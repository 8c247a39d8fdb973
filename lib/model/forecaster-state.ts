import { expected, GatecastError } from '../errors.ts';
import type { NetworkState } from '../network/network-state.ts';
import type { RecurrentNetwork } from '../network/recurrent-network.ts';
import type { Description } from './description.ts';
import type { Forecast } from './forecast.ts';
import { MAX_SCALED_VALUE } from './parts.ts';
import type { ReadOut } from './read-out.ts';
import { readSample, type Sample, type SampleTime } from './sample.ts';
import type { Scaler } from './scaler.ts';
import { oneOf, record } from './schema.ts';

export interface StateOptions {
  /**
   * What to do with a sample of wrong length or with a missing, non-finite or absurdly large value: leave it out and
   * count it (the default), or throw `invalid-sample`. The state takes it in neither case.
   */
  onInvalid?: 'skip' | 'error';
}

/** What all states of a forecaster share. */
export interface StateModel {
  readonly description: Description;
  readonly network: RecurrentNetwork;
  readonly scaler: Scaler;
  readonly readOut: ReadOut;
}

export const checkStateOptions = record<StateOptions>({ onInvalid: oneOf('skip', 'error') }, ['onInvalid']);

/** What a forecaster remembers of one stream. Made by `Forecaster.createState()`. */
export class ForecasterState {
  readonly #model: StateModel;
  readonly #options: StateOptions;
  readonly #names: readonly string[];
  readonly #network: NetworkState;
  readonly #values: Float64Array;
  readonly #scaled: Float32Array;
  /** With memory 'window', the last `lookback` samples, scaled; that of sample s stands at s % lookback. */
  readonly #window: Float32Array[] = [];
  #samples = 0;
  #skipped = 0;
  #disposed = false;

  /** Starts where `origin` is now; without it, from nothing. */
  constructor(model: StateModel, options: StateOptions = {}, origin?: ForecasterState) {
    this.#options = checkStateOptions(options, 'options');
    this.#model = model;
    this.#names = model.description.inputs.map((input) => input.name);
    this.#values = new Float64Array(this.#names.length);
    this.#scaled = new Float32Array(this.#names.length);
    if (origin) {
      this.#network = origin.#network.fork();
      this.#window = origin.#window.map((row) => row.slice());
      this.#samples = origin.#samples;
      this.#skipped = origin.#skipped;
    } else {
      this.#network = model.network.createState();
    }
  }

  /** Samples taken since the start or the last reset. */
  get samples(): number {
    return this.#samples;
  }

  /** Invalid samples left out since the start or the last reset. */
  get skipped(): number {
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
    let time: number | undefined;
    try {
      time = readSample(sample, at, this.#names, this.#values);
      this.#scale();
    } catch (error) {
      if (this.#options.onInvalid === 'error' || !isInvalidSample(error)) throw error;
      this.#skipped++;
      return undefined;
    }
    const { description, readOut } = this.#model;
    const output = description.memory === 'window' ? this.#replay() : this.#network.step(this.#scaled);
    this.#samples++;
    return readOut(output, this.#values, time, this.#samples >= description.lookback, this.#skipped);
  }

  /** A second state that goes on from here on its own. */
  fork(): ForecasterState {
    this.#checkUsable();
    return new ForecasterState(this.#model, this.#options, this);
  }

  /** Forgets the stream, as if newly made. */
  reset(): void {
    this.#checkUsable();
    this.#network.reset();
    this.#window.length = 0;
    this.#samples = 0;
    this.#skipped = 0;
  }

  /** Frees the memory now instead of when the garbage collector comes by. May be called twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#network.dispose();
  }

  #scale(): void {
    this.#model.scaler.scale(this.#values, this.#scaled);
    for (let i = 0; i < this.#scaled.length; i++) {
      if (Math.abs(this.#scaled[i]!) <= MAX_SCALED_VALUE) continue;
      const what = `a value within ${MAX_SCALED_VALUE} deviations of the mean`;
      throw new GatecastError('invalid-sample', expected(what, this.#names[i]!, this.#values[i]));
    }
  }

  /** Runs the window up to the present sample from the zero state; returns the last output. */
  #replay(): Float32Array {
    const { lookback } = this.#model.description;
    const newest = this.#samples % lookback;
    this.#window[newest] ??= new Float32Array(this.#scaled.length);
    this.#window[newest].set(this.#scaled);
    this.#network.reset();
    for (let i = newest + 1; i < this.#window.length; i++) this.#network.step(this.#window[i]!);
    for (let i = 0; i < newest; i++) this.#network.step(this.#window[i]!);
    return this.#network.step(this.#scaled);
  }

  #checkUsable(): void {
    if (this.#disposed) throw new GatecastError('disposed', 'Expected a state in use but received a disposed one.');
  }
}

function isInvalidSample(error: unknown): boolean {
  return error instanceof GatecastError && error.code === 'invalid-sample';
}
