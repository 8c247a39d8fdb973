const DAY = 86_400_000;
/** 1970-01-05, the first Monday [days since 1970]. */
const MONDAY = 4;

/** Even steps that begin at round times. */
export interface Buckets {
  /** The number of the step that holds `time` [ms]. */
  indexOf(time: number): number;
  /** When a step begins [ms]. */
  startOf(index: number): number;
}

/**
 * Steps of `every` ms. They begin at multiples of it since 1970 in UTC; those of whole days begin at midnight of the
 * zone that is `offsetAt(time)` ms ahead of UTC, and those of whole weeks on Monday. A day of 23 or 25 hours is one
 * day.
 */
export function bucketsOf(every: number, offsetAt: (time: number) => number = () => 0): Buckets {
  const days = every / DAY;
  if (!Number.isInteger(days)) {
    return { indexOf: (time) => Math.floor(time / every), startOf: (index) => index * every };
  }
  const anchor = days % 7 === 0 ? MONDAY : 0;
  return {
    indexOf: (time) => Math.floor((Math.floor((time + offsetAt(time)) / DAY) - anchor) / days),
    startOf(index) {
      const midnight = (index * days + anchor) * DAY;
      // the offset at midnight is that of a time near it, unless the clocks change in between
      return midnight - offsetAt(midnight - offsetAt(midnight));
    },
  };
}
