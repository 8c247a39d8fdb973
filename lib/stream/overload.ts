import {
  defer,
  exhaustMap,
  finalize,
  Observable,
  type ObservableInput,
  type OperatorFunction,
  Subject,
  takeUntil,
  tap,
} from 'rxjs';
import { expected, GatecastError } from '../errors.ts';
import { OverloadPolicy } from './overload-policy.ts';
import { WaitingLine } from './waiting-line.ts';

/** What became of the values so far: each is taken, dropped or conflated once, or waits. */
export interface OverloadCounts {
  /** Values, merged ones as one, for which work was begun. */
  taken: number;
  /** Values for which there was no place, and those that waited when the subscription ended before its source. */
  dropped: number;
  /** Values merged into one that waited. */
  conflated: number;
  waiting: number;
  /** The most that ever waited at once in one subscription. */
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
 * `work` gives an Observable, a promise or what else RxJS takes; what comes of it is emitted, and the next value is
 * taken when it completes. When the source completes, what waits is still worked through. An error of the source, or of
 * the work, ends the stream at once. Memory is bounded by the places of the policy, and freed when the subscription
 * ends. Work that ends within `next()` is never overloaded, save by values that it emits into its own source.
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
 * Throws `invalid-argument` at once for a policy or work that is none.
 */
export function overload<T, R>(
  policy: OverloadPolicy<T>,
  work: (value: T) => ObservableInput<R>,
): OverloadOperator<T, R> {
  if (!(policy instanceof OverloadPolicy)) {
    const what = 'queue(n), latest(), drop() or conflate(merge)';
    throw new GatecastError('invalid-argument', expected(what, 'policy', policy));
  }
  if (typeof work !== 'function') throw new GatecastError('invalid-argument', expected('a function', 'work', work));
  const counts: OverloadCounts = { taken: 0, dropped: 0, conflated: 0, waiting: 0, mostWaiting: 0 };
  const operator = (source: Observable<T>) =>
    defer(() => {
      const line = new WaitingLine(policy, counts);
      return source.pipe(
        tap((value) => line.add(value)),
        exhaustMap(() => workThrough(line, work)),
        finalize(() => line.clear()),
      );
    });
  return Object.assign(operator, { counts });
}

/** Does the work for one value after another, until none waits. */
function workThrough<T, R>(line: WaitingLine<T>, work: (value: T) => ObservableInput<R>): Observable<R> {
  return new Observable((subscriber) => {
    const unsubscribed = new Subject<void>();
    subscriber.add(() => unsubscribed.next());
    // A loop where operators would recurse: a long line of work that ends at once must not fill the stack.
    const run = () => {
      let within: boolean;
      let ended: boolean;
      do {
        if (subscriber.closed) return;
        if (!line.advance()) return subscriber.complete();
        [within, ended] = [true, false];
        defer(() => work(line.current))
          .pipe(takeUntil(unsubscribed))
          .subscribe({
            next: (result) => subscriber.next(result),
            error: (error: unknown) => subscriber.error(error),
            complete: () => {
              if (within) ended = true;
              else run();
            },
          });
        within = false;
      } while (ended);
    };
    run();
  });
}
