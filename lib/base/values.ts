import { GatecastError } from './errors.ts';

// Tells what a value of the caller's is, whichever realm made it: `instanceof` is false for the arrays, dates and
// errors of a vm context or of a test runner that has one. None of these throws, not even for a proxy that was revoked.

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

/** Whether Gatecast's own class made it. */
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
 * Returns what `read` returns. Throws `invalid-argument`, naming what was read, if a getter or a proxy of the caller
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
 * The error for a getter or a proxy of the caller that threw while `name` was read; an error of Gatecast is returned as
 * it is.
 */
export function orUnreadable(name: string, cause: unknown): GatecastError {
  if (cause instanceof GatecastError) return cause;
  const message = `Expected readable properties for ${name} but received an object that throws when it is read.`;
  return new GatecastError('invalid-argument', message, { cause });
}
