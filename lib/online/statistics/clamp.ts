/** So many deviations out, any decision is long made; squares of what is farther might overflow. */
export const FARTHEST = 1e6;

/** The number within +-most that is nearest to `value`. */
export function clamp(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}
