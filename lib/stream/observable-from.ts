import { from, type InteropObservable, type Observable, observable } from 'rxjs';
import { misfit } from '../base/errors.ts';

/** A source of values over time. */
export type Emitting<T> = Observable<T> | InteropObservable<T> | PromiseLike<T> | AsyncIterable<T>;

/**
 * An Observable of what a function of the caller returned. Lists, text, maps, generators and the like count as values,
 * not as streams, and are refused with `invalid-argument`: RxJS would emit their items at once, those of `{ length: 2
 * ** 53 }` for ever.
 */
export function observableFrom<T>(value: Emitting<T>, name: string): Observable<T> {
  if (has(value, observable)) return from(value as Observable<T>);
  // both are wrapped, because RxJS would look for a `length` first
  if (has(value, 'then')) return from(new Promise<T>((resolve) => resolve(value as PromiseLike<T>)));
  if (has(value, Symbol.asyncIterator)) {
    const iterable = value as AsyncIterable<T>;
    return from({ [Symbol.asyncIterator]: () => iterable[Symbol.asyncIterator]() });
  }
  const what = 'an Observable, a promise or an async iterable';
  throw misfit(what, name, value);
}

function has(value: unknown, method: PropertyKey): boolean {
  try {
    return typeof (value as Record<PropertyKey, unknown>)[method] === 'function';
  } catch {
    return false; // undefined, null and revoked proxies
  }
}
