/** A file is even if at least this share of its steps is. */
const EVEN = 0.7;
/** How far a longer step may be from a multiple of the interval [intervals]. */
const NEAR_MULTIPLE = 0.1;
const DAY = 86_400_000;
/** Months, quarters and years have different lengths: their mean is an even grid for them, their median is not. */
const CALENDAR = 28 * DAY;

/** The usual time between rows, and how regular it is. */
export interface Spacing {
  /** Median of the steps between rows [ms]; of steps of 28 days and more, the mean of those near it. Null for none. */
  readonly interval: number | null;
  /** Shares of the steps that are within 1 % and within 50 % of it, 0 to 1. */
  readonly within1: number;
  readonly within50: number;
  /**
   * Whether the times are those of an even grid: most steps are about an interval, or a multiple of it where rows are
   * missing.
   */
  readonly even: boolean;
}

/** The spacing of these steps [ms], in any order. Those of 0 or less are ignored. */
export function spacingOf(steps: Iterable<number>): Spacing {
  const sorted = Float64Array.from(steps)
    .filter((step) => step > 0)
    .sort();
  const median = sorted[sorted.length >> 1];
  if (median === undefined) return { interval: null, within1: 1, within50: 1, even: true };
  const interval = median >= CALENDAR ? meanNear(sorted, median) : median;
  let within1 = 0;
  let within50 = 0;
  let even = 0;
  for (const step of sorted) {
    const off = Math.abs(step - interval) / interval;
    if (off <= 0.01) within1++;
    if (off < 0.5) within50++;
    if (off < 0.5 || isMultiple(step / interval)) even++;
  }
  const share = (count: number) => count / sorted.length;
  return { interval, within1: share(within1), within50: share(within50), even: share(even) >= EVEN };
}

/** The steps between these times, which are in order, and their spacing. */
export function spacingBetween(times: Float64Array): Spacing {
  const steps = new Float64Array(Math.max(0, times.length - 1));
  for (let row = 1; row < times.length; row++) steps[row - 1] = times[row]! - times[row - 1]!;
  return spacingOf(steps);
}

function isMultiple(steps: number): boolean {
  return steps > 1.5 && Math.abs(steps - Math.round(steps)) <= NEAR_MULTIPLE;
}

function meanNear(steps: Float64Array, median: number): number {
  const near = steps.filter((step) => Math.abs(step - median) < median / 2);
  return near.reduce((sum, step) => sum + step, 0) / near.length;
}
