import { defer, exhaustMap, filter, finalize, Observable, type OperatorFunction, Subject, takeUntil } from 'rxjs';
import { misfit } from '../../base/errors.ts';
import { type Emitting, observableFrom } from '../observable-from.ts';
import { OverloadPolicy } from './overload-policy.ts';
import { WaitingLine } from './waiting-line.ts';
import { isA } from '../../base/values.ts';

/** What happened to the values so far: each was taken, dropped or conflated, or is waiting. */
export interface OverloadCounts {
  /** Values for which work was begun; merged values count as one. */
  taken: number;
  /** Values for which there was no place, and values still waiting when the subscription ended before its source. */
  dropped: number;
  /** Values merged into a waiting one. */
  conflated: number;
  waiting: number;
  /** The most values that ever waited at once in one subscription. */
  mostWaiting: number;
}

/** An operator that counts; its subscriptions add to the same counts. */
export interface OverloadOperator<T, R> extends OperatorFunction<T, R> {
  readonly counts: Readonly<OverloadCounts>;
}

/**
 * Stands between a source that cannot be slowed down and work that takes time: one piece of work at a time, and a
 * policy for the values that come meanwhile.
 *
 * `work` returns an Observable, a promise or an async iterable. Its values are emitted; when it completes, the next
 * value of the source is taken. Anything else, such as a list, ends the stream with `invalid-argument`. When the source
 * completes, the waiting values are still worked through. An error of the source or of the work ends the stream at
 * once. Memory is bounded by the places of the policy, and freed when the subscription ends. Work that completes within
 * `next()` is never overloaded, except by values that it emits into its own source.
 *
 * ```text
 * values     --a-b-c-d----|          work takes five frames
 *            overload(latest(), work)
 * results    -------A----C----(D|) b is dropped
 * ```
 *
 * ```ts
 * const saving = overload(queue(100), (reading: Reading) => database.insert(reading));
 * readings$.pipe(saving).subscribe();
 * setInterval(() => console.log(saving.counts.waiting, saving.counts.dropped), 10_000);
 * ```
 *
 * Throws `invalid-argument` at once unless it is given a policy and a function.
 */
export function overload<T, R>(policy: OverloadPolicy<T>, work: (value: T) => Emitting<R>): OverloadOperator<T, R> {
  if (!isA(policy, OverloadPolicy)) {
    const what = 'queue(n), latest(), drop() or conflate(merge)';
    throw misfit(what, 'policy', policy);
  }
  if (typeof work !== 'function') throw misfit('a function', 'work', work);
  const counts = newCounts();
  const operator = (source: Observable<T>) =>
    defer(() => {
      const line = new WaitingLine(policy, counts);
      let busy = false;
      const begin = (value: T) => {
        counts.taken++;
        return work(value);
      };
      return source.pipe(
        filter((value) => {
          if (busy) line.add(value);
          return !busy;
        }),
        exhaustMap((value) => {
          busy = true;
          return workThrough(value, line, begin).pipe(finalize(() => (busy = false)));
        }),
        finalize(() => line.clear()),
      );
    });
  return Object.assign(operator, { counts });
}

export function newCounts(): OverloadCounts {
  return { taken: 0, dropped: 0, conflated: 0, waiting: 0, mostWaiting: 0 };
}

/** Does the work for a value and then for the waiting ones, one after another, until none is left. */
function workThrough<T, R>(first: T, line: WaitingLine<T>, work: (value: T) => Emitting<R>): Observable<R> {
  return new Observable((subscriber) => {
    const unsubscribed = new Subject<void>();
    subscriber.add(() => unsubscribed.next());
    let value = first;
    // A loop, where operators would recurse: a long line of work that completes at once must not overflow the stack.
    const run = () => {
      let within: boolean;
      let again: boolean;
      do {
        within = true;
        again = false;
        defer(() => observableFrom(work(value), 'what work gives'))
          .pipe(takeUntil(unsubscribed))
          .subscribe({
            next: (result) => subscriber.next(result),
            error: (error: unknown) => subscriber.error(error),
            complete: () => {
              if (subscriber.closed) return;
              if (line.length === 0) return subscriber.complete();
              value = line.next();
              if (within) again = true;
              else run();
            },
          });
        within = false;
      } while (again);
    };
    run();
  });
}
