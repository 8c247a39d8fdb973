/** What is to be done in which time. */
export interface Task {
  /** Time for all trainings [s]. */
  readonly seconds: number;
  /** Time of one pass of the GRU [s]. */
  readonly pass: number;
  /** Passes of a training that has all the time it wants. */
  readonly epochs: number;
  readonly seeds: number;
  readonly candidates: number;
}

/** How long a pass of a candidate takes, on average, against one of the GRU, with its start and its score. */
const COST = 1.4;
/** Rather fewer seeds than fewer passes than these: with one seed only, fewer passes. */
const LEAST_PASSES = 10;

/**
 * The passes and seeds that fit into the time. All trainings have the same number of passes, planned before the first,
 * so that the learning rate of each falls to its end: cutting trainings short would favour the first cell.
 */
export function shareBudget({ seconds, pass, epochs, seeds, candidates }: Task): { epochs: number; seeds: number } {
  const affordable = (count: number) => Math.floor(seconds / (COST * pass * candidates * count));
  const least = Math.min(LEAST_PASSES, epochs);
  let count = seeds;
  while (count > 1 && affordable(count) < least) count -= 1;
  return { epochs: Math.max(1, Math.min(epochs, affordable(count))), seeds: count };
}
