import { expected, GatecastError } from '../../base/errors.ts';
import type { NetworkState } from '../../network/network-state.ts';
import type { ExpectedSample, Expectation } from './expectation.ts';
import type { OnlineForecaster } from '../learner/online-forecaster.ts';

/** Larger values could carry a sum of squares out of the range of doubles. */
const LARGEST = 1e100;

/** Expects what a forecaster has learned on this very stream. In the row: its learner. */
export class OnlineExpectation implements Expectation {
  readonly inputs: readonly string[];
  readonly targets: readonly string[];
  readonly size: number;
  readonly byteSize: number;
  readonly #model: OnlineForecaster;
  readonly #state: NetworkState;

  constructor(model: OnlineForecaster) {
    this.inputs = model.inputs;
    this.targets = model.inputs;
    this.#model = model;
    this.#state = model.createState();
    this.size = model.learner.size;
    this.byteSize = 4 * this.#state.spec.hiddenSize;
  }

  reset(row: Float64Array, at: number): void {
    this.#model.learner.reset(row, at);
  }

  refuse(input: number, value: number): GatecastError | undefined {
    if (Math.abs(value) <= LARGEST) return undefined;
    return new GatecastError('invalid-sample', expected(`a value within ${LARGEST}`, this.inputs[input]!, value));
  }

  foresee(row: Float64Array, at: number, out: Float64Array): void {
    this.#model.learner.foresee(row, at, out);
  }

  take(row: Float64Array, at: number, { values, filled, unsure }: ExpectedSample, distances: Float64Array): void {
    this.#model.learner.step(row, at, this.#state, values, distances, filled, unsure);
  }

  restart(row: Float64Array, at: number): void {
    this.#state.reset();
    this.#model.learner.restart(row, at);
  }

  writeBytes(bytes: Uint8Array): void {
    const { data } = this.#state.hidden.h;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  readBytes(bytes: Uint8Array): void {
    const { h } = this.#state.hidden;
    this.#state.hidden = { h: { ...h, data: new Float32Array(bytes.slice(0, this.byteSize).buffer) } };
  }

  dispose(): void {
    this.#state.dispose();
  }
}
