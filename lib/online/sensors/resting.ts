/** Numbers kept for a run of equal readings. */
export const RUN_SIZE = 3;

const ANCHOR = 0;
const LENGTH = 1;
const USUAL = 2;

/** A run is odd if it is this many times as long as the longest usual one. */
const ODD = 2;
/**
 * Share of an odd run's excess length that counts as usual from then on, at most `odd` readings: rest that recurs every
 * night is learned, a single fault is not.
 */
const LEARNED = 0.25;
/**
 * Share of the usual length that is forgotten with each run that ends: a rest is forgotten over 64 times its length of
 * movement.
 */
const FORGOTTEN = 1 / 64;

/**
 * Adds a reading to the run of readings within `band` of its first. True once the run is at least `odd` long and twice
 * as long as the longest usual one. All numbers are 0 before the first reading.
 */
export function restsOddly(row: Float64Array, at: number, value: number, band: number, odd: number): boolean {
  const limit = Math.max(odd, ODD * row[at + USUAL]!);
  const length = row[at + LENGTH]!;
  if (length > 0 && Math.abs(value - row[at + ANCHOR]!) <= band) {
    row[at + LENGTH] = length + 1;
    return length + 1 >= limit;
  }
  const usual = Math.max(0, row[at + USUAL]! - FORGOTTEN);
  const excess = Math.max(0, length - usual);
  row[at + USUAL] = usual + (length < limit ? excess : Math.min(excess * LEARNED, odd));
  row[at + ANCHOR] = value;
  row[at + LENGTH] = 1;
  return false;
}
