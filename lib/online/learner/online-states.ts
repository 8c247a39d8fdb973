import { expected, GatecastError } from '../../base/errors.ts';
import { RecurrentStates } from '../../model/recurrent-states.ts';
import type { RecurrentNetwork } from '../../network/recurrent-network.ts';
import type { OnlineLearner } from './online-learner.ts';

/** Larger values could carry a sum of squares out of the range of doubles. */
const LARGEST = 1e100;

/**
 * The states of a forecaster that learns online: its own numbers are those of its learner. A step does not teach it:
 * that is `OnlineLearner.learn`, before the sample is staged.
 */
export class OnlineStates extends RecurrentStates {
  readonly #learner: OnlineLearner;
  readonly #inputs: number;

  constructor(
    network: RecurrentNetwork,
    learner: OnlineLearner,
    names: readonly string[],
    capacity: number,
    spare: number,
  ) {
    const inputs = names.map((name) => ({ name }));
    const description = { inputs, targets: names, interval: null, lookback: 1, horizon: 1, levels: [] };
    super(network, description, capacity, { own: learner.size, spare });
    this.#learner = learner;
    this.#inputs = names.length;
  }

  inRange(_input: number, value: number): boolean {
    return Math.abs(value) <= LARGEST;
  }

  outOfRange(input: number, value: number): GatecastError {
    const { name } = this.description.inputs[input]!;
    return new GatecastError('invalid-sample', expected(`a value within ${LARGEST}`, name, value));
  }

  stage(k: number, slot: number, _at: number): void {
    const { input, slots } = this.attached;
    slots[k] = slot;
    this.#learner.show(this.rows, this.#own(slot), this.values, k * this.#inputs, input);
  }

  advance(count: number): void {
    const { slots, output, outputSize } = this.attached;
    this.attached.step(count);
    for (let k = 0; k < count; k++) {
      this.#learner.hear(this.rows, this.#own(slots[k]!), output, k * outputSize);
      this.rows[slots[k]! * this.rowSize]! += 1;
    }
  }

  read(k: number, numbers: Float64Array): void {
    this.#learner.predict(this.rows, this.#own(this.attached.slots[k]!), numbers);
  }

  override reset(slot: number): void {
    super.reset(slot);
    this.#learner.reset(this.rows, this.#own(slot));
  }

  /** What was learned stays. */
  override restart(slot: number): void {
    this.attached.reset(slot);
    this.rows[slot * this.rowSize] = 0;
    this.#learner.restart(this.rows, this.#own(slot));
  }

  #own(slot: number): number {
    return slot * this.rowSize + 1;
  }
}
