import { GatecastError } from './errors.ts';

// True for arrays of any realm. `instanceof` is false for arrays, dates and errors of a vm context, or of a test runner
// that uses one. None of these functions throws, not even for a revoked proxy.

export function isArray(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** True for objects that are not arrays. */
export function isRecord(value: unknown): value is object {
  try {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Whether `value` was made by Gatecast's own class. */
export function isA<T>(value: unknown, made: { readonly prototype: T }): value is T {
  try {
    return value instanceof (made as unknown as abstract new () => T);
  } catch {
    return false;
  }
}

export function isAbortSignal(value: unknown): value is AbortSignal {
  try {
    const signal = value as AbortSignal;
    return typeof signal.aborted === 'boolean' && typeof signal.addEventListener === 'function';
  } catch {
    return false;
  }
}

/**
 * Returns what `read` returns. Throws an `invalid-argument` that names `name` if a getter or proxy of the caller
 * throws.
 */
export function reading<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw orUnreadable(name, cause);
  }
}

/**
 * The error to throw when a getter or proxy of the caller threw while `name` was read. An error of Gatecast is returned
 * as it is.
 */
export function orUnreadable(name: string, cause: unknown): GatecastError {
  if (cause instanceof GatecastError) return cause;
  const message = `Expected readable properties for ${name} but received an object that throws when it is read.`;
  return new GatecastError('invalid-argument', message, { cause });
}
