/** A file is even if at least this share of its steps is, and of fewer steps than this it cannot be told. */
const EVEN = 0.7;
const FEWEST = 8;
/** How far a longer step may be from a multiple of the interval [intervals]. */
const NEAR_MULTIPLE = 0.1;
/** If more than half of the rows are missing, steps are multiples of a shorter one, most of at most so many. */
const MOST_MULTIPLE = 3.5;
const ALL_MULTIPLES = 0.9;
/** The share of steps that are no longer than that one. */
const SHORT = 0.1;
const DAY = 86_400_000;
/** Months, quarters and years have different lengths: their mean is an even grid for them, their median is not. */
const CALENDAR = 28 * DAY;

/** The usual time between rows, and how regular it is. */
export interface Spacing {
  /**
   * The median of the steps between rows [ms]; null for none. A shorter step of which nearly all are multiples, if more
   * than half of the rows are missing. Of steps of 28 days and more, the mean of those near the median.
   */
  readonly interval: number | null;
  /** Shares of the steps that are within 1 % and within 50 % of it, 0 to 1. */
  readonly within1: number;
  readonly within50: number;
  /**
   * Whether the times are those of an even grid: most steps are about an interval, or a multiple of it where rows are
   * missing. True if there are too few to tell.
   */
  readonly even: boolean;
}

/** The spacing of these steps [ms], in any order. Those of 0 or less are ignored. */
export function spacingOf(steps: Iterable<number>): Spacing {
  const sorted = Float64Array.from(steps)
    .filter((step) => step > 0)
    .sort();
  if (sorted.length === 0) return { interval: null, within1: 1, within50: 1, even: true };
  const median = medianOf(sorted);
  const usual = spacingAt(sorted, median >= CALENDAR ? meanNear(sorted, median) : median);
  return usual.even ? usual : (sparseSpacing(sorted, median) ?? usual);
}

/** The steps between these times, which are in order, and their spacing. */
export function spacingBetween(times: Float64Array): Spacing {
  const steps = new Float64Array(Math.max(0, times.length - 1));
  for (let row = 1; row < times.length; row++) steps[row - 1] = times[row]! - times[row - 1]!;
  return spacingOf(steps);
}

function spacingAt(steps: Float64Array, interval: number): Spacing {
  let within1 = 0;
  let within50 = 0;
  let even = 0;
  for (const step of steps) {
    const off = Math.abs(step - interval) / interval;
    if (off <= 0.01) within1++;
    if (off < 0.5) within50++;
    if (off < 0.5 || (step > interval && isMultiple(step / interval))) even++;
  }
  const share = (count: number) => count / steps.length;
  const isEven = share(even) >= EVEN || steps.length < FEWEST;
  return { interval, within1: share(within1), within50: share(within50), even: isEven };
}

/** The spacing of a grid of which more than half of the rows are missing; undefined if the steps are of none. */
function sparseSpacing(steps: Float64Array, median: number): Spacing | undefined {
  const short = steps[Math.floor(SHORT * steps.length)]!;
  const interval = medianOf(steps.filter((step) => Math.abs(step - short) < short / 2));
  const multiples = steps.reduce((count, step) => count + (isMultiple(step / interval) ? 1 : 0), 0);
  if (median > MOST_MULTIPLE * interval || multiples < ALL_MULTIPLES * steps.length) return undefined;
  return spacingAt(steps, interval);
}

/** The lower one of two. */
function medianOf(sorted: Float64Array): number {
  return sorted[(sorted.length - 1) >> 1]!;
}

function isMultiple(steps: number): boolean {
  return steps > 0.5 && Math.abs(steps - Math.round(steps)) <= NEAR_MULTIPLE;
}

function meanNear(steps: Float64Array, median: number): number {
  const near = steps.filter((step) => Math.abs(step - median) < median / 2);
  return near.reduce((sum, step) => sum + step, 0) / near.length;
}
