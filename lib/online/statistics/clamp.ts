/** At this many deviations every decision is clear; squares of larger values might overflow. */
export const FARTHEST = 1e6;

/** `value` limited to +-`most`. */
export function clamp(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}
