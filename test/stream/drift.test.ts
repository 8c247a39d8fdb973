import { concat, defer, EMPTY, NEVER, Observable, of, retry, Subject, share, take, throwError } from 'rxjs';
import type { OperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { adwin, type MeanDrift, pageHinkley, type WindowDrift } from '../../lib/stream/drift.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';

/** The values of the marbles; x is not finite. */
const input: Record<string, number> = { a: 0, b: 9, x: Number.NaN };

const still = { drift: false, direction: undefined };
const mean: Record<string, MeanDrift> = {
  a: { value: 0, ...still },
  b: { value: 9, ...still },
  x: { value: Number.NaN, ...still },
  u: { value: 9, drift: true, direction: 'up' },
  d: { value: 0, drift: true, direction: 'down' },
};

const windows: Record<string, WindowDrift> = {
  a: { value: 0, drift: false, mean: 0, samples: 1 },
  b: { value: 9, drift: false, mean: 4.5, samples: 2 },
  c: { value: 9, drift: false, mean: 6, samples: 3 },
  x: { value: Number.NaN, drift: false, mean: 4.5, samples: 2 },
};

function marbles<T>(operator: OperatorFunction<number, T>, outputs: Record<string, T>) {
  return (source: string, subscription: string, expected: string, unsubscribe?: string) =>
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(
      ({ hot, expectObservable, expectSubscriptions }) => {
        const values = hot(source, input);
        expectObservable(values.pipe(operator), unsubscribe).toBe(expected, outputs);
        expectSubscriptions(values.subscriptions).toBe(subscription);
      },
    );
}

/** What operators of one argument and one output for each input share. */
function isAnOperator<T extends { value: number; drift: boolean }>(
  make: () => OperatorFunction<number, T>,
  values: readonly number[],
): void {
  const collect = (source: Observable<number>): T[] => {
    const seen: T[] = [];
    source.pipe(make()).subscribe((output) => seen.push(output));
    return seen;
  };

  test('the example drifts', () => {
    expect(collect(of(...values)).some(({ drift }) => drift)).toBe(true);
  });

  test('two subscribers have a memory each', () => {
    const shared = of(...values).pipe(make());
    const [first, second]: T[][] = [[], []];
    shared.subscribe((output) => first!.push(output));
    shared.subscribe((output) => second!.push(output));
    expect(first).toHaveLength(values.length);
    expect(second).toEqual(first);
  });

  test('interleaved subscribers never mix', () => {
    const source = new Subject<number>();
    const shared = source.pipe(share(), make());
    const [early, late]: T[][] = [[], []];
    shared.subscribe((output) => early!.push(output));
    source.next(values[0]!);
    shared.subscribe((output) => late!.push(output));
    for (const value of values.slice(1)) source.next(value);
    expect(early).toEqual(collect(of(...values)));
    expect(late).toEqual(collect(of(...values.slice(1))));
  });

  test('retry starts anew', () => {
    let attempts = 0;
    const source = defer(() =>
      attempts++ === 0
        ? concat(
            of(5, 5),
            throwError(() => new Error('lost')),
          )
        : of(...values),
    );
    const seen: T[] = [];
    source.pipe(make(), retry(1)).subscribe((output) => seen.push(output));
    expect(seen.slice(2)).toEqual(collect(of(...values)));
  });

  test('answers within the same next(), and ends the source when the consumer has enough', () => {
    let taken = 0;
    const endless = new Observable<number>((subscriber) => {
      while (!subscriber.closed) {
        taken++;
        subscriber.next(0);
      }
    });
    endless.pipe(make(), take(3)).subscribe();
    expect(taken).toBe(3);
  });

  test('completes with an empty source and never with one that never does', () => {
    const complete = vi.fn<() => void>();
    EMPTY.pipe(make()).subscribe({ complete });
    NEVER.pipe(make()).subscribe({ complete }).unsubscribe();
    expect(complete).toHaveBeenCalledTimes(1);
  });
}

function refusesWhatIsNoObject(make: (options: never) => unknown): void {
  expect(() => make([] as never)).toThrow(gatecastError('invalid-argument'));
  for (const [name, value] of HOSTILE_VALUES) {
    const options = value();
    if (options === undefined || (typeof options === 'object' && options !== null)) continue;
    expect(() => make(options as never), name).toThrow(gatecastError('invalid-argument'));
  }
}

describe('pageHinkley', () => {
  const make = () => pageHinkley({ delta: 0, threshold: 8, minSamples: 3 });
  const run = marbles(make(), mean);

  isAnOperator(make, [0, 0, 0, 9, 9, 0, 0]);

  test('never', () => run('---', '^--!', '---', '---!'));
  test('empty', () => run('--|', '^-!', '--|'));
  test('one', () => run('-a-|', '^--!', '-a-|'));
  test('many', () => run('-a-a-a-b-b-a-|', '^------------!', '-a-a-a-b-u-a-|'));
  test('and the other way', () => run('-b-b-b-a-a-|', '^----------!', '-b-b-b-a-d-|'));
  test('error of the source', () => run('-a-#', '^--!', '-a-#'));
  test('early unsubscribe', () => run('-a-b-a-|', '^--!', '-a--', '---!'));
  test('values that are not finite pass through', () =>
    run('-a-a-x-a-b-x-b-|', '^--------------!', '-a-a-x-a-b-x-u-|'));

  test('refuses wrong options when called', () => {
    expect(() => pageHinkley({ threshold: -1 })).toThrow(gatecastError('invalid-argument', /threshold/));
    refusesWhatIsNoObject(pageHinkley);
  });

  test('has types', () => {
    expectTypeOf(pageHinkley()).toEqualTypeOf<OperatorFunction<number, MeanDrift>>();
    expectTypeOf(of(1).pipe(pageHinkley({ threshold: 1 }))).toEqualTypeOf<Observable<MeanDrift>>();
    // @ts-expect-error text is no number
    expect(() => of('1').pipe(pageHinkley())).not.toThrow();
    // @ts-expect-error there is no such option
    expect(() => pageHinkley({ lambda: 1 })).toThrow(gatecastError('invalid-argument'));
  });
});

describe('adwin', () => {
  const make = () => adwin({ delta: 0.01 });
  const run = marbles(make(), windows);

  isAnOperator(make, [...Array(60).fill(0), ...Array(60).fill(1)]);

  test('never', () => run('---', '^--!', '---', '---!'));
  test('empty', () => run('--|', '^-!', '--|'));
  test('one', () => run('-a-|', '^--!', '-a-|'));
  test('many', () => run('-a-b-b-|', '^------!', '-a-b-c-|'));
  test('error of the source', () => run('-a-#', '^--!', '-a-#'));
  test('early unsubscribe', () => run('-a-b-a-|', '^--!', '-a--', '---!'));
  test('values that are not finite pass through', () => run('-a-b-x-b-|', '^--------!', '-a-b-x-c-|'));

  test('after a change, mean and samples are of what came since', () => {
    let last: WindowDrift | undefined;
    of(...Array(500).fill(0), ...Array(500).fill(1))
      .pipe(make())
      .subscribe((output) => (last = output));
    expect(last!.mean).toBeGreaterThan(0.99);
    expect(last!.samples).toBeGreaterThanOrEqual(490);
    expect(last!.samples).toBeLessThanOrEqual(510);
  });

  test('refuses wrong options when called', () => {
    expect(() => adwin({ delta: 2 })).toThrow(gatecastError('invalid-argument', /delta/));
    refusesWhatIsNoObject(adwin);
  });

  test('has types', () => {
    expectTypeOf(adwin()).toEqualTypeOf<OperatorFunction<number, WindowDrift>>();
    expectTypeOf(of(1).pipe(adwin({ range: 2 }))).toEqualTypeOf<Observable<WindowDrift>>();
    // @ts-expect-error text is no number
    expect(() => of('1').pipe(adwin())).not.toThrow();
    // @ts-expect-error there is no such option
    expect(() => adwin({ clock: 32 })).toThrow(gatecastError('invalid-argument'));
  });
});
