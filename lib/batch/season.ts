const DAY = 86_400_000;
/** With fewer rows, a season is no rhythm. */
const LEAST_ROWS = 4;
/** A longer season would hold too many values of each series in memory. */
const MOST_ROWS = 1440;

/**
 * The rows of a season for rows of this interval [ms]: those of a day, else of a week, where these are 4 to 1440 rows;
 * else 1.
 */
export function seasonOf(interval: number | null): number {
  if (interval === null) return 1;
  const fits = [DAY, 7 * DAY].map((length) => length / interval);
  return fits.find((rows) => Number.isInteger(rows) && rows >= LEAST_ROWS && rows <= MOST_ROWS) ?? 1;
}
