/** A number as it is; NaN, which holds an action, for what is none. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
