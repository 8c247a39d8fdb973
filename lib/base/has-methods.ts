/** Whether `value` has methods of these names; false for a revoked proxy and for a getter that throws. */
export function hasMethods(value: unknown, ...names: readonly (string | symbol)[]): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return names.every((name) => typeof (value as Record<string | symbol, unknown>)[name] === 'function');
  } catch {
    return false;
  }
}
