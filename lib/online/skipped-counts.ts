import { NONE_SKIPPED, type Skipped, skippedOf } from '../model/skipped.ts';
import type { Part } from './part.ts';

/** Why a sample is left out; each reason is the place of its count in the part. */
export const INVALID = 0;
export const DUPLICATE = 1;
export const LATE = 2;
export const UNBELIEVED = 3;

/** Counts the samples of a stream that are left out, by reason. */
export class SkippedCounts implements Part {
  readonly size = 4;
  /** The last result: few samples change it, so most forecasts share one object. */
  #said = NONE_SKIPPED;

  reset(): void {}

  add(row: Float64Array, at: number, reason: number): void {
    row[at + reason]! += 1;
  }

  read(row: Float64Array, at: number): Skipped {
    const [invalid, duplicate] = [row[at + INVALID]!, row[at + DUPLICATE]!];
    const [late, unbelieved] = [row[at + LATE]!, row[at + UNBELIEVED]!];
    const said = this.#said;
    if (
      said.invalid !== invalid ||
      said.duplicate !== duplicate ||
      said.late !== late ||
      said.unbelieved !== unbelieved
    ) {
      this.#said = skippedOf(invalid, duplicate, late, unbelieved);
    }
    return this.#said;
  }
}
