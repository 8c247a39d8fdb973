import { asyncScheduler, map, take } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../lib/control/clock.ts';
import { controlLoop } from '../../lib/control/loop/control-loop.ts';
import { setUp } from './loop-set-up.ts';

describe('as an Observable', () => {
  /** The clock of marbles, of which one is a millisecond. */
  const marbleClock: Clock = {
    now: () => asyncScheduler.now(),
    wait: (until, wake) => {
      const waiting = asyncScheduler.schedule(wake, until - asyncScheduler.now());
      return () => waiting.unsubscribe();
    },
  };

  /** Observations a and b of a and b tenths, at 500 Hz; outputs are the tenths, f the fallback of 9, s the end. */
  function marbles(
    source: string,
    subscription: string,
    expected: string,
    unsubscribe?: string,
    error?: unknown,
  ): void {
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(
      ({ hot, expectObservable, expectSubscriptions }) => {
        const tenths = hot(source, { a: 1, b: 2 });
        const loop = controlLoop({
          hz: 500,
          observe: tenths.pipe(map((value) => ({ at: marbleClock.now(), values: [value / 10] }))),
          inputs: 1,
          decide: ({ values }) => values,
          act: () => undefined,
          limits: [{ min: 0, max: 1 }],
          fallback: [0.9],
          maxAgeMs: 4,
          clock: marbleClock,
        });
        const shown = loop.pipe(
          map(({ reason, action: [value] }) => (reason === 'stopped' ? 's' : reason ? 'f' : String(10 * value!))),
        );
        expectObservable(shown, unsubscribe).toBe(expected, { f: 'f', s: 's', 1: '1', 2: '2' }, error);
        expectSubscriptions(tenths.subscriptions).toBe(subscription);
      },
    );
  }

  test('the newest of each period, and the fallback where there is none', () =>
    marbles('-a-b--', '^-----!', 'f-1-2-', '------!'));
  test('what goes stale', () => marbles('a---------', '^--------!', '1-1-1-f-f-', '---------!'));
  test('an empty source ends it', () => marbles('|', '(^!)', '(s|)'));
  test('the end of the source', () => marbles('-a-|', '^--!', 'f-1(s|)'));
  test('an error of the source', () => marbles('-a-#', '^--!', 'f-1(s#)', undefined, 'error'));
  test('a subscriber that leaves', () => marbles('-a---', '^---!', 'f-1-', '----!'));

  test('two subscriptions are two loops', () => {
    const { clock, loop } = setUp({ stop: [0] });
    const seen: string[] = [];
    const first = loop.subscribe(({ seq, status }) => seen.push(`first ${seq} ${status}`));
    clock.run(25);
    loop.pipe(take(2)).subscribe(({ seq }) => seen.push(`second ${seq}`));
    clock.run(40);
    first.unsubscribe();
    expect(seen).toEqual([
      'first 0 warming',
      'first 1 warming',
      'first 2 warming',
      'second 0',
      'first 3 warming',
      'second 1',
    ]);
  });
});
