/** Whether a value has functions by these names. A proxy that was revoked, or a getter that throws, has none. */
export function hasMethods(value: unknown, ...names: readonly (string | symbol)[]): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return names.every((name) => typeof (value as Record<string | symbol, unknown>)[name] === 'function');
  } catch {
    return false;
  }
}
