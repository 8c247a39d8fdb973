/** Numbers a run keeps. */
export const RUN_SIZE = 3;

const ANCHOR = 0;
const LENGTH = 1;
const USUAL = 2;

/** A run is odd when it is this many times the longest that was not. */
const ODD = 2;
/**
 * Share of what an odd run was too long by that is usual from then on, `odd` readings at most: rest at each night is
 * learned, one fault is not.
 */
const LEARNED = 0.25;
/** What the usual length loses with each run that ends: a rest is forgotten over 64 times its length of movement. */
const FORGOTTEN = 1 / 64;

/**
 * Takes a reading into a run of readings within `band` of its first; true once the run is at least `odd` long and
 * twice the longest usual one. The places are 0 before the first reading.
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
