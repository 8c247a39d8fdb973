/** `value` if it is a number, else NaN, which holds an action. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
