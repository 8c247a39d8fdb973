import { isList } from '../base/schema.ts';

/** A copy of a list of `length` finite numbers; undefined for anything else, even if reading it throws. */
export function finiteList(value: unknown, length: number): Float64Array | undefined {
  try {
    if (!isList(value) || value.length !== length) return undefined;
    const copy = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      const item: unknown = value[i];
      if (typeof item !== 'number' || !Number.isFinite(item)) return undefined;
      copy[i] = item;
    }
    return copy;
  } catch {
    return undefined;
  }
}
