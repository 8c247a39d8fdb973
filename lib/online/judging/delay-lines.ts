import type { Part } from '../part.ts';

/**
 * What was said about samples that had yet to come, until they come: for each target and each step h of the horizon a
 * line of h entries, first in, first out, each of `width` numbers. That is horizon * (horizon + 1) / 2 entries a
 * target. An entry whose first number is NaN says nothing. Steps are counted from 1.
 */
export class DelayLines implements Part {
  readonly size: number;
  readonly #horizon: number;
  readonly #width: number;

  constructor(targets: number, horizon: number, width: number) {
    this.#horizon = horizon;
    this.#width = width;
    this.size = horizon + targets * this.#before(horizon + 1);
  }

  reset(row: Float64Array, at: number): void {
    row.fill(Number.NaN, at + this.#horizon, at + this.size);
  }

  /** Goes on to the next sample; called once for each, whether anything is known of it or not. */
  advance(row: Float64Array, at: number): void {
    for (let step = 1; step <= this.#horizon; step++) {
      const place = row[at + step - 1]! + 1; // the lines of one step stand at the same place for all targets
      row[at + step - 1] = place < step ? place : 0;
    }
  }

  /**
   * Index in the row of an entry: until it is overwritten it holds what was said `step` samples ago about the present
   * one, and what is written there is found again `step` samples from now.
   */
  entry(row: Float64Array, at: number, target: number, step: number): number {
    const line = at + this.#horizon + target * this.#before(this.#horizon + 1) + this.#before(step);
    return line + row[at + step - 1]! * this.#width;
  }

  /** Numbers in the lines of one target before that of `step`. */
  #before(step: number): number {
    return (this.#width * step * (step - 1)) / 2;
  }
}
