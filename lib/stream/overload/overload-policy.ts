import { misfit } from '../../base/errors.ts';
import { whole } from '../../base/schema.ts';

/** What becomes of values that come while work is going on. Made by `queue`, `latest`, `drop` and `conflate`. */
export class OverloadPolicy<T> {
  /** Values that may wait. */
  readonly places: number;
  /**
   * Makes one value of the last that waits and one for which there is no place; without it the latter is dropped. What
   * it gives is a T, which `conflate` sees to: said here, a policy for anything would not do for numbers.
   */
  readonly merge: ((waiting: T, value: T) => unknown) | undefined;
  /** What a value for which there is no place counts as. */
  readonly lost: 'dropped' | 'conflated';

  constructor(places: number, merge?: (waiting: T, value: T) => unknown, lost: 'dropped' | 'conflated' = 'dropped') {
    this.places = places;
    this.merge = merge;
    this.lost = lost;
  }
}

const checkPlaces = whole(1, 1_000_000);

/** Up to `places` values wait, in order; when all are taken a new value is dropped. */
export function queue<T>(places: number): OverloadPolicy<T> {
  return new OverloadPolicy(checkPlaces(places, 'places'));
}

/** One value waits, always the newest; the one it replaces is dropped. */
export function latest<T>(): OverloadPolicy<T> {
  return new OverloadPolicy<T>(1, (_, value) => value);
}

/** None waits: values that come while work is going on are dropped. */
export function drop<T>(): OverloadPolicy<T> {
  return new OverloadPolicy(0);
}

/**
 * One value waits; those that come meanwhile are merged into it, the sum or the largest, say. What `merge` throws ends
 * the stream.
 */
export function conflate<T>(merge: (waiting: T, value: T) => T): OverloadPolicy<T> {
  if (typeof merge !== 'function') throw misfit('a function', 'merge', merge);
  return new OverloadPolicy(1, merge, 'conflated');
}
