import fc from 'fast-check';
import {
  defer,
  EMPTY,
  lastValueFrom,
  NEVER,
  type Observable,
  observable,
  of,
  Subject,
  take,
  throwError,
  timer,
  toArray,
  map,
  repeat,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { overload, type OverloadCounts, type OverloadOperator } from '../../lib/stream/overload/overload.ts';
import { conflate, drop, latest, OverloadPolicy, queue } from '../../lib/stream/overload/overload-policy.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';

const join = conflate<string>((waiting, value) => waiting + value);

/** Runs marbles through work that takes three frames and gives its value in capitals. */
function marbles(
  policy: OverloadPolicy<string>,
  source: string,
  subscription: string,
  expected: string,
  { values = {}, error, unsubscribe }: { values?: Record<string, string>; error?: unknown; unsubscribe?: string } = {},
): Partial<OverloadCounts> {
  const operator = overload(policy, (value) => timer(3).pipe(map(() => value.toUpperCase())));
  new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(
    ({ hot, expectObservable, expectSubscriptions }) => {
      const input = hot(source);
      expectObservable(input.pipe(operator), unsubscribe).toBe(expected, values, error);
      expectSubscriptions(input.subscriptions).toBe(subscription);
    },
  );
  expect(operator.counts.waiting).toBe(0);
  const { waiting: _, ...counts } = operator.counts;
  return counts;
}

const letters = { A: 'A', B: 'B', C: 'C', D: 'D', E: 'E' };

describe('each policy, by marbles', () => {
  test('never', () => void marbles(queue(2), '---', '^--!', '---', { unsubscribe: '---!' }));
  test('empty', () => void marbles(latest(), '--|', '^-!', '--|'));
  test('one', () => {
    expect(marbles(drop(), '-a-|', '^--!', '----(A|)', { values: letters })).toEqual({
      taken: 1,
      dropped: 0,
      conflated: 0,
      mostWaiting: 0,
    });
  });
  test('many, none while there is work', () => {
    expect(marbles(drop(), '-a---b---|', '^--------!', '----A---B|', { values: letters }).taken).toBe(2);
  });

  test('queue: in order, the newest dropped when it is full, the rest worked through after the end', () => {
    const counts = marbles(queue(2), '-abcd-e|', '^------!', '----A--B--C--(E|)', { values: letters });
    expect(counts).toEqual({ taken: 4, dropped: 1, conflated: 0, mostWaiting: 2 });
  });
  test('latest: the newest waits', () => {
    const counts = marbles(latest(), '-abcd----|', '^--------!', '----A--D-|', { values: letters });
    expect(counts).toEqual({ taken: 2, dropped: 2, conflated: 0, mostWaiting: 1 });
  });
  test('drop: none waits', () => {
    const counts = marbles(drop(), '-abc-d---|', '^--------!', '----A---D|', { values: letters });
    expect(counts).toEqual({ taken: 2, dropped: 2, conflated: 0, mostWaiting: 0 });
  });
  test('conflate: values that come meanwhile become one', () => {
    const counts = marbles(join, '-abcde---|', '^--------!', '----A--x--(E|)', {
      values: { A: 'A', x: 'BCD', E: 'E' },
    });
    expect(counts).toEqual({ taken: 3, dropped: 0, conflated: 2, mostWaiting: 1 });
  });

  test('an error of the source comes at once, and what waits is dropped', () => {
    const counts = marbles(queue(9), '-abc-#', '^----!', '----A#', { values: letters });
    expect(counts).toEqual({ taken: 2, dropped: 1, conflated: 0, mostWaiting: 2 });
  });
  test('early unsubscribe drops what waits', () => {
    const counts = marbles(queue(9), '-abc-----|', '^----!', '----A-', { values: letters, unsubscribe: '-----!' });
    expect(counts).toEqual({ taken: 2, dropped: 1, conflated: 0, mostWaiting: 2 });
  });
});

test('unsubscribing ends the work that is going on', () => {
  const source = new Subject<number>();
  const inner = new Subject<number>();
  const subscription = source.pipe(overload(latest(), () => inner)).subscribe();
  source.next(1);
  expect(inner.observed).toBe(true);
  subscription.unsubscribe();
  expect([inner.observed, source.observed]).toEqual([false, false]);
});

test.each<[string, () => Observable<number>]>([
  [
    'throws',
    () => {
      throw new Error('boom');
    },
  ],
  ['fails', () => throwError(() => new Error('boom'))],
])('work that %s ends the stream, the second piece as well as the first', (_, fail) => {
  for (const failing of [1, 2]) {
    const source = new Subject<number>();
    const first = new Subject<number>();
    const error = vi.fn<(error: unknown) => void>();
    const operator = overload(queue<number>(5), (value) => (value === failing ? fail() : first));
    source.pipe(operator).subscribe({ error });
    for (const value of [1, 2, 3]) source.next(value);
    first.complete();
    expect(error.mock.calls).toEqual([[new Error('boom')]]);
    expect(source.observed).toBe(false);
    expect(operator.counts.waiting).toBe(0);
  }
});

test('what merge throws ends the stream', () => {
  const error = vi.fn<(error: unknown) => void>();
  const source = new Subject<number>();
  const refuse = () => {
    throw new Error('boom');
  };
  source.pipe(overload(conflate<number>(refuse), () => NEVER)).subscribe({ error });
  for (const value of [1, 2, 3]) source.next(value);
  expect(error.mock.calls).toEqual([[new Error('boom')]]);
});

test('work may be a promise', async () => {
  const seen: number[] = [];
  const operator = overload(queue<number>(1), async (value) => value * 10);
  await new Promise<void>((resolve) => {
    of(1, 2, 3)
      .pipe(operator)
      .subscribe({ next: (value) => seen.push(value), complete: resolve });
  });
  expect(seen).toEqual([10, 20]);
  expect(operator.counts).toEqual({ taken: 2, dropped: 1, conflated: 0, waiting: 0, mostWaiting: 1 });
});

test('a long line of work that ends at once does not fill the stack', () => {
  const [source, first] = [new Subject<number>(), new Subject<number>()];
  let sum = 0;
  source.pipe(overload(queue<number>(200_000), (value) => (value === 0 ? first : of(value)))).subscribe((value) => {
    sum += value;
  });
  for (let value = 0; value <= 200_000; value++) source.next(value);
  first.complete();
  expect(sum).toBe((200_000 * 200_001) / 2);
});

test('a consumer that has enough ends endless work within next()', () => {
  let made = 0;
  const endless = defer(() => of(made++)).pipe(repeat());
  const seen: number[] = [];
  of('a')
    .pipe(
      overload(drop(), () => endless),
      take(3),
    )
    .subscribe((value) => seen.push(value));
  expect([seen, made]).toEqual([[0, 1, 2], 3]);
});

test('values that work gives to its own source wait like others', () => {
  const source = new Subject<number>();
  const seen: number[] = [];
  source.pipe(overload(queue<number>(1), (value) => of(value))).subscribe((value) => {
    if (value < 3) source.next(value + 1);
    seen.push(value);
  });
  source.next(0);
  expect(seen).toEqual([0, 1, 2, 3]);
});

test('subscribers have a line each and one count', () => {
  const [source, work] = [new Subject<number>(), new Subject<number>()];
  const operator = overload(queue<number>(1), () => work);
  const subscriptions = [1, 2].map(() => source.pipe(operator).subscribe());
  for (const value of [1, 2, 3]) source.next(value);
  expect(operator.counts).toEqual({ taken: 2, dropped: 2, conflated: 0, waiting: 2, mostWaiting: 1 });
  subscriptions[0]!.unsubscribe();
  expect(operator.counts).toMatchObject({ dropped: 3, waiting: 1 });
  subscriptions[1]!.unsubscribe();
  expect(operator.counts).toMatchObject({ dropped: 4, waiting: 0 });
});

test('each value is taken, dropped or conflated once, or waits; the line is never longer than its places', () => {
  const policies = fc.oneof(
    fc.integer({ min: 1, max: 4 }).map((places) => queue<number[]>(places)),
    fc.constant(latest<number[]>()),
    fc.constant(drop<number[]>()),
    fc.constant(conflate<number[]>((waiting, value) => [...waiting, ...value])),
  );
  fc.assert(
    fc.property(policies, fc.array(fc.boolean(), { maxLength: 60 }), (policy, events) => {
      const source = new Subject<number[]>();
      const works: Subject<number[]>[] = [];
      const begun: number[] = [];
      const operator = overload(policy, (values) => {
        begun.push(...values);
        works.push(new Subject());
        return works.at(-1)!;
      });
      source.pipe(operator).subscribe();
      let arrived = 0;
      for (const arrives of events) {
        if (arrives) source.next([arrived++]);
        else works.at(-1)?.complete();
        const { taken, dropped, conflated, waiting, mostWaiting } = operator.counts;
        expect(taken + dropped + conflated + waiting).toBe(arrived);
        expect(mostWaiting).toBeLessThanOrEqual(policy.places);
        expect(begun).toEqual(begun.toSorted((a, b) => a - b));
      }
    }),
  );
});

test('refuses work that gives no stream with one error, at once, and an async iterable or a foreign Observable passes', async () => {
  const refused = gatecastError(
    'invalid-argument',
    /^Expected an Observable, a promise or an async iterable for what work gives but received/,
  );
  const endless = (function* () {
    for (;;) yield 1;
  })();
  const given: unknown[] = [
    [1, 2],
    { length: 2 ** 53, 0: 1 },
    'text',
    new Set([1]),
    endless,
    new Float64Array(3),
    () => 1,
  ];
  for (const [name, make] of HOSTILE_VALUES) if (!/promise/i.test(name)) given.push(make());
  for (const value of given) {
    const errors: unknown[] = [];
    of(1)
      .pipe(overload(queue(2), () => value as never))
      .subscribe({ error: (error) => errors.push(error) });
    expect(errors).toEqual([refused]);
  }
  const taken = (value: unknown) =>
    lastValueFrom(
      of(1).pipe(
        overload(queue(2), () => value as Observable<number>),
        toArray(),
      ),
    );
  async function* count() {
    yield 1;
    yield 2;
  }
  expect(await taken(count())).toEqual([1, 2]);
  expect(await taken(Object.assign(count(), { length: 2 ** 53 }))).toEqual([1, 2]);
  expect(await taken(Object.assign(Promise.resolve(3), { length: 2 ** 53 }))).toEqual([3]);
  expect(await taken({ [observable]: () => of(4, 5) })).toEqual([4, 5]);
  expect(await taken(new Blob(['x']).stream())).toEqual([Uint8Array.of(120)]);
});

test('refuses wrong arguments when called', () => {
  for (const [name, make] of HOSTILE_VALUES) {
    if (name === 'a revoked proxy') continue;
    expect(() => overload(make() as never, () => EMPTY), name).toThrow(/queue\(n\)|hostile/);
    if (typeof make() === 'function') continue;
    expect(() => overload(latest(), make() as never), name).toThrow(gatecastError('invalid-argument', /for work/));
    expect(() => conflate(make() as never), name).toThrow(gatecastError('invalid-argument', /merge/));
    if (Number.isInteger(make()) && (make() as number) > 0 && (make() as number) <= 1e6) continue;
    expect(() => queue(make() as never), name).toThrow(gatecastError('invalid-argument', /places/));
  }
});

test('has types', () => {
  const numbers = of(1, 2);
  expectTypeOf(numbers.pipe(overload(queue(3), (value) => of(String(value))))).toEqualTypeOf<Observable<string>>();
  expectTypeOf(numbers.pipe(overload(latest(), async (value) => [value]))).toEqualTypeOf<Observable<number[]>>();
  const summing = overload(
    conflate<number>((a, b) => a + b),
    (value) => of(value),
  );
  expectTypeOf(summing).toEqualTypeOf<OverloadOperator<number, number>>();
  expectTypeOf(numbers.pipe(summing)).toEqualTypeOf<Observable<number>>();
  const annotated = overload(queue(3), (value: { a: number }) => of(value.a));
  expectTypeOf(annotated).toEqualTypeOf<OverloadOperator<{ a: number }, number>>();
  expectTypeOf(
    numbers.pipe(
      overload(
        conflate((a, b) => a * b),
        (value) => of(value),
      ),
    ),
  ).toEqualTypeOf<Observable<number>>();
  // @ts-expect-error a merge gives what it takes
  expect(() => conflate<number>((a, b) => `${a}${b}`)).not.toThrow();
  // @ts-expect-error counts are for reading
  summing.counts.taken = 1;
  // @ts-expect-error texts are not numbers
  expect(() => of('a').pipe(summing)).not.toThrow();
});
