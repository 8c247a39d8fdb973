import { connect, ignoreElements, map, merge, type OperatorFunction, tap } from 'rxjs';

/** A sample, and the answer to it; undefined if there was none. */
export type Answered<T, R> = readonly [sample: T, answer: R | undefined];

/** Pairs each sample with the answer of an operator that answers within `next()`, as `forecast` does. */
export function answered<T, R>(operator: OperatorFunction<T, R>): OperatorFunction<T, Answered<T, R>> {
  return connect((samples) => {
    let answer: R | undefined;
    const answers = samples.pipe(
      tap(() => (answer = undefined)),
      operator,
      tap((said) => (answer = said)),
      ignoreElements(),
    );
    return merge(answers, samples.pipe(map((sample) => [sample, answer] as const)));
  });
}
