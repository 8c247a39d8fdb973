import { types } from 'node:util';
import { hasMemory, misfit, nearest } from './errors.ts';
import { isAbortSignal, isArray, isRecord, reading } from './values.ts';

/** Returns a frozen copy of `value` if it is valid; otherwise throws an `invalid-argument` that names it. */
export type Check<T> = (value: unknown, name: string) => T;

export function number(min: number, max: number): Check<number> {
  return (value, name) => {
    if (typeof value === 'number' && value >= min && value <= max) return value;
    throw misfit(`a number from ${min} to ${max}`, name, value);
  };
}

export function whole(min: number, max: number): Check<number> {
  const what = max === Number.MAX_SAFE_INTEGER ? `a whole number >= ${min}` : `a whole number from ${min} to ${max}`;
  return (value, name) => {
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
    throw misfit(what, name, value);
  };
}

export function text(maxLength: number): Check<string> {
  return (value, name) => {
    if (typeof value === 'string' && value.length > 0 && value.length <= maxLength) return value;
    throw misfit(`1 to ${maxLength} characters`, name, value);
  };
}

export function boolean(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw misfit('true or false', name, value);
}

export function oneOf<const T extends string>(...allowed: T[]): Check<T> {
  return (value, name) => {
    if (allowed.includes(value as T)) return value as T;
    throw misfit(allowed.map((word) => `'${word}'`).join(' or '), name, value);
  };
}

export function orNull<T>(check: Check<T>): Check<T | null> {
  return (value, name) => (value === null ? null : check(value, name));
}

export function list<T>(check: Check<T>, minLength: number, maxLength: number): Check<readonly T[]> {
  return (value, name) => {
    return reading(name, () => {
      if (!isArray(value) || value.length < minLength || value.length > maxLength) {
        throw misfit(`a list of ${minLength} to ${maxLength}`, name, value);
      }
      return Object.freeze(Array.from(value, (item, i) => check(item, `${name}[${i}]`)));
    });
  };
}

/** A function. Its parameters and result are checked by the compiler only. */
export function callable(value: unknown, name: string, what = 'a function'): () => never {
  if (typeof value === 'function') return value as () => never;
  throw misfit(what, name, value);
}

export function abortSignal(value: unknown, name: string): AbortSignal {
  if (isAbortSignal(value)) return value;
  throw misfit('an AbortSignal', name, value);
}

/**
 * An object with these fields. Those in `optional` may be left out or undefined. An unknown key is refused, with the
 * nearest known name as a hint.
 */
export function object<T extends object>(
  fields: { [K in keyof T]-?: Check<NonNullable<T[K]> | (null extends T[K] ? null : never)> },
  optional: readonly (keyof T)[] = [],
): Check<Readonly<T>> {
  return (value, name) => {
    if (!isRecord(value)) throw misfit('an object', name, value);
    const unknown = reading(name, () => Object.keys(value)).find((key) => !Object.hasOwn(fields, key));
    if (unknown !== undefined) {
      const guess = nearest(unknown, Object.keys(fields));
      throw misfit(`only ${Object.keys(fields).join(', ')}`, name, unknown, guess && ` Did you mean ${guess}?`);
    }
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(fields) as (keyof T & string)[]) {
      const field = `${name}.${key}`;
      reading(field, () => {
        const item = (value as T)[key];
        if (item !== undefined || !optional.includes(key)) copy[key] = fields[key](item, field);
      });
    }
    return Object.freeze(copy) as T;
  };
}

/** An object with any names. */
export function recordOf<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value, name) => {
    if (!isRecord(value)) throw misfit('an object', name, value);
    return reading(name, () => {
      const items = Object.entries(value).map(([key, item]): [string, T] => [key, check(item, `${name}.${key}`)]);
      return Object.freeze(Object.fromEntries(items));
    });
  };
}

/** The first name that occurs a second time. */
export function firstRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

/** True for a Float64Array that still has its memory. */
export function isColumn(value: unknown): value is Float64Array {
  return types.isFloat64Array(value) && hasMemory(value);
}

/** True for arrays and typed arrays. */
export function isList(value: unknown): value is ArrayLike<unknown> {
  return isArray(value) || types.isTypedArray(value);
}
