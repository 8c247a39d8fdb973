import type { Part } from '../part.ts';
import type { Step } from '../step.ts';

/**
 * What is expected of a stream's next sample, and how the sample then compares.
 *
 * In the row: for each target 1 where the value before is missing, or there is none; then what the kind of expectation
 * remembers. What was expected after a missing value came of a number that stood in for it, so it is not compared.
 */
export abstract class Expectation implements Part {
  readonly size: number;
  /** How many deviations each target of the sample in hand lies from what was expected; 0 where it is not compared. */
  readonly distances: Float64Array;
  readonly #unsure: Uint8Array;

  /** `own`: numbers that the kind of expectation remembers. */
  constructor(targets: number, own: number) {
    this.size = targets + own;
    this.distances = new Float64Array(targets);
    this.#unsure = new Uint8Array(targets);
  }

  reset(row: Float64Array, at: number): void {
    row.fill(1, at, at + this.distances.length);
  }

  restart(row: Float64Array, at: number): void {
    this.reset(row, at);
  }

  before(step: Step): void {
    const { row, at } = step;
    const truth = step.truth();
    for (let t = 0; t < truth.length; t++) this.#unsure[t] = row[at + t]!;
    this.compare(step, at + truth.length, truth, this.#unsure);
    for (let t = 0; t < truth.length; t++) row[at + t] = Number.isNaN(truth[t]) ? 1 : 0;
  }

  /** Writes `distances` of a sample; its own numbers begin at `at`. Targets that are NaN or `unsure` are at 0. */
  protected abstract compare(step: Step, at: number, truth: Float64Array, unsure: Uint8Array): void;
}
