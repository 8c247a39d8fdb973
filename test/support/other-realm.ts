import { types } from 'node:util';
import { createContext, runInContext } from 'node:vm';

const other = runInContext(
  '({ Object, Array, Date, Float32Array, Float64Array, Int32Array, Uint8Array })',
  createContext({}),
) as Record<string, never>;
const { Array: OtherArray, Date: OtherDate, Object: OtherObject } = other as never as typeof globalThis;

/** The same made of another realm's objects, arrays, typed arrays and dates; instances of classes and functions are as they were. */
export function inOtherRealm<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (types.isTypedArray(value)) {
    const Class = other[value.constructor.name === 'Buffer' ? 'Uint8Array' : value.constructor.name] as unknown;
    return typeof Class === 'function' ? Reflect.construct(Class, [value]) : value;
  }
  if (types.isDate(value)) return new OtherDate(value.getTime());
  if (Array.isArray(value)) return OtherArray.from(value, copy);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const made = new OtherObject();
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key)!;
    Object.defineProperty(made, key, 'value' in property ? { ...property, value: copy(property.value) } : property);
  }
  return made;
}
