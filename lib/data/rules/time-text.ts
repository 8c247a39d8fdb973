/** A time for a sentence: ISO 8601 in UTC, or the number if it is none of a calendar. */
export function timeText(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
}
