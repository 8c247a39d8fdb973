import type { Part } from '../part.ts';

/**
 * Keeps forecasts until the samples they are about come. For each target and each step h of the horizon, counted from
 * 1, there is a line of h entries, first in, first out, each of `width` numbers: horizon * (horizon + 1) / 2 entries
 * per target. An entry whose first number is NaN is empty.
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

  /** Moves on to the next sample; call it once per sample, even for a missing one. */
  advance(row: Float64Array, at: number): void {
    for (let step = 1; step <= this.#horizon; step++) {
      const place = row[at + step - 1]! + 1; // the position in the lines of a step is the same for all targets
      row[at + step - 1] = place < step ? place : 0;
    }
  }

  /**
   * Index of an entry in the row. Until it is overwritten it holds what was forecast `step` samples ago for the present
   * sample; what is written there is found again `step` samples from now.
   */
  entry(row: Float64Array, at: number, target: number, step: number): number {
    const line = at + this.#horizon + target * this.#before(this.#horizon + 1) + this.#before(step);
    return line + row[at + step - 1]! * this.#width;
  }

  /** Numbers of one target's lines before the line of `step`. */
  #before(step: number): number {
    return (this.#width * step * (step - 1)) / 2;
  }
}
