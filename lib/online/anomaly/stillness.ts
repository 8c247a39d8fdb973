import type { Part } from '../part.ts';

const LAST = 0; // the last reading
const LENGTH = 1; // readings of that number in a row; 0 before the first
const USUAL = 2; // length of the longest such run that has ended, less what was forgotten since
const MOVES = 3; // readings that differed from the one before, up to ENOUGH_MOVES

/** How many changes are needed before a sensor counts as moving, unlike a set point. */
const ENOUGH_MOVES = 100;
/** A run is odd if it is this many times as long as the longest usual one. */
const ODD = 2;
/**
 * Share of the usual length that is forgotten with each run that ends: a rest is forgotten over 64 times its length of
 * movement.
 */
const FORGOTTEN = 1 / 64;

/**
 * Finds that a moving value has stayed the same number for unusually long, as that of a frozen sensor does.
 *
 * A rest is usual once it has ended: a lamp that is off each night is odd in the first night only. `SensorHealth`
 * learns that more slowly, because it flags readings where this raises alerts.
 */
export class Stillness implements Part {
  readonly size = 4;
  readonly #odd: number;

  /** `odd`: the fewest readings of an odd run. */
  constructor(odd: number) {
    this.#odd = odd;
  }

  reset(): void {}

  /** Takes a reading, which must be a number; true while the value has been still for unusually long. */
  take(row: Float64Array, at: number, value: number): boolean {
    const length = row[at + LENGTH]!;
    if (length > 0 && value === row[at + LAST]) {
      row[at + LENGTH] = length + 1;
      const limit = Math.max(this.#odd, ODD * row[at + USUAL]!);
      return length + 1 >= limit && row[at + MOVES]! >= ENOUGH_MOVES;
    }
    row[at + LAST] = value;
    row[at + LENGTH] = 1;
    row[at + USUAL] = Math.max(row[at + USUAL]! - FORGOTTEN, length);
    if (length > 0) row[at + MOVES] = Math.min(row[at + MOVES]! + 1, ENOUGH_MOVES);
    return false;
  }
}
