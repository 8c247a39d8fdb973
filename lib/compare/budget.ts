/** What is to be done in which time. */
export interface Task {
  /** Time for all trainings [s]. */
  readonly seconds: number;
  readonly seeds: number;
  readonly kinds: readonly TimedKind[];
}

/** A kind of model. */
export interface TimedKind {
  /** Time of one pass [s]. */
  readonly pass: number;
  /** Passes of a training that has all the time it wants. */
  readonly epochs: number;
  readonly candidates: number;
}

/** How long a pass of a candidate takes, on average, against the one that was timed, with its start and its score. */
const COST = 1.4;
/** Rather fewer seeds than fewer passes than these: with one seed only, fewer passes. */
const LEAST_PASSES = 10;

/**
 * The passes of each kind and the seeds that fit into the time. All kinds give up the same share of their passes, and
 * all trainings of a kind have the same number, planned before the first, so that the learning rate of each falls to
 * its end: cutting trainings short would favour the first candidate.
 */
export function shareBudget({ seconds, seeds, kinds }: Task): { epochs: number[]; seeds: number } {
  const time = COST * kinds.reduce((sum, { pass, epochs, candidates }) => sum + pass * epochs * candidates, 0);
  const affordable = (count: number) => kinds.map(({ epochs }) => Math.floor((epochs * seconds) / (time * count)));
  const isShort = (passes: number, i: number) => passes < Math.min(LEAST_PASSES, kinds[i]!.epochs);
  let count = seeds;
  while (count > 1 && affordable(count).some(isShort)) count -= 1;
  return {
    seeds: count,
    epochs: affordable(count).map((passes, i) => Math.max(1, Math.min(kinds[i]!.epochs, passes))),
  };
}
