import { connect, ignoreElements, map, merge, type OperatorFunction, tap } from 'rxjs';

/** A sample, and what was said of it; undefined when nothing was. */
export type Answered<T, R> = readonly [sample: T, answer: R | undefined];

/** Each sample together with what an operator that answers within `next()`, as `forecast` does, says of it. */
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
