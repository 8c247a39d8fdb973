import { misfit } from '../../base/errors.ts';
import { whole } from '../../base/schema.ts';

/** What happens to values that come while work is going on. Made by `queue`, `latest`, `drop` and `conflate`. */
export class OverloadPolicy<T> {
  /** How many values may wait. */
  readonly places: number;
  /**
   * Merges the last waiting value with a new one for which there is no place; without it, the new one is dropped. It
   * returns a T, as `conflate` ensures; if the type said so here, a policy for any values could not be used for
   * numbers.
   */
  readonly merge: ((waiting: T, value: T) => unknown) | undefined;
  /** How a value for which there is no place is counted. */
  readonly lost: 'dropped' | 'conflated';

  constructor(places: number, merge?: (waiting: T, value: T) => unknown, lost: 'dropped' | 'conflated' = 'dropped') {
    this.places = places;
    this.merge = merge;
    this.lost = lost;
  }
}

const checkPlaces = whole(1, 1_000_000);

/** Up to `places` values wait, in order; when all places are taken, a new value is dropped. */
export function queue<T>(places: number): OverloadPolicy<T> {
  return new OverloadPolicy(checkPlaces(places, 'places'));
}

/** One value waits, always the newest; the one it replaces is dropped. */
export function latest<T>(): OverloadPolicy<T> {
  return new OverloadPolicy<T>(1, (_, value) => value);
}

/** No value waits: values that come while work is going on are dropped. */
export function drop<T>(): OverloadPolicy<T> {
  return new OverloadPolicy(0);
}

/**
 * One value waits; further ones are merged into it, for example as the sum or the largest. An error thrown by `merge`
 * ends the stream.
 */
export function conflate<T>(merge: (waiting: T, value: T) => T): OverloadPolicy<T> {
  if (typeof merge !== 'function') throw misfit('a function', 'merge', merge);
  return new OverloadPolicy(1, merge, 'conflated');
}
