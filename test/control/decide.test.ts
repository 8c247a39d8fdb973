import { of, type OperatorFunction, Subject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, expectTypeOf, test } from 'vitest';
import { decide } from '../../lib/control/loop/decide.ts';
import type { Policy } from '../../lib/control/policies/policy.ts';
import { type ThresholdDecision, threshold } from '../../lib/control/policies/threshold.ts';
import type { Forecast } from '../../lib/model/forecast.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { LiveForecast } from '../../lib/online/live-forecast.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES, THROWING } from '../support/hostile-values.ts';
import { makeModel } from '../support/models.ts';

/** Counts; a z is more than it can take. */
const counting: Policy<string, number> = {
  start() {
    let seen = 0;
    return (input) => {
      if (input === 'z') throw new Error('z');
      return ++seen;
    };
  },
};

test.each([
  ['an output at each input, at once', '-a-b-(cd)-|', '^---------!', '-1-2-(34)-|', undefined],
  ['an empty source', '--|', '^-!', '--|', undefined],
  ['a source that never ends', '-a-', '^--', '-1-', undefined],
  ['an error of the source', '-a-#', '^--!', '-1-#', undefined],
  ['a subscriber that leaves', '-a-b-c-', '^---!', '-1-2---', '----!'],
])('%s', (_, source, subscription, expected, unsubscribe) => {
  new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(
    ({ hot, expectObservable, expectSubscriptions }) => {
      const inputs = hot(source);
      expectObservable(inputs.pipe(decide(counting)), unsubscribe).toBe(expected, { 1: 1, 2: 2, 3: 3, 4: 4 });
      expectSubscriptions(inputs.subscriptions).toBe(unsubscribe ? '^---!' : subscription);
    },
  );
});

test('an error of a policy ends the stream and leaves the source', () => {
  const source = new Subject<string>();
  const seen: unknown[] = [];
  source
    .pipe(decide(counting))
    .subscribe({ next: (n) => seen.push(n), error: (error: Error) => seen.push(error.message) });
  for (const input of ['a', 'z', 'b']) source.next(input);
  expect(seen).toEqual([1, 'z']);
  expect(source.observed).toBe(false);
});

test('two subscribers, and one that returns, each have their own memory', () => {
  const decisions = of('a', 'b').pipe(decide(counting));
  for (let k = 0; k < 3; k++) {
    const seen: number[] = [];
    decisions.subscribe((n) => seen.push(n));
    expect(seen).toEqual([1, 2]);
  }
});

test('decides on live forecasts within the same next()', () => {
  const model = makeModel(); // of temperature, a sample a second
  const source = new Subject<number[]>();
  const means: number[] = [];
  const seen: ThresholdDecision[] = [];
  const live = source.pipe(forecast(model));
  live.subscribe(({ mean }) => means.push(Math.max(...mean)));
  live
    .pipe(decide(threshold({ above: 20, target: model.description.targets[0]! })))
    .subscribe((decision) => seen.push(decision));
  for (let k = 0; k < 50; k++) {
    source.next([10, 20 + 2 * Math.sin(k / 5)]);
    expect(seen).toHaveLength(k + 1);
  }
  expect(seen.map(({ value }) => value)).toEqual(means);
  expect(seen.every((decision) => decision.forecast instanceof LiveForecast)).toBe(true);
  expect(new Set(seen.map(({ on }) => on))).toEqual(new Set([false, true]));
});

test('refuses at once a value that is not a policy', () => {
  for (const [name, make] of HOSTILE_VALUES) {
    if (THROWING.has(name)) continue;
    expect(() => decide(make() as never), name).toThrow(gatecastError('invalid-argument', /a policy/));
  }
});

test('types', () => {
  expectTypeOf(decide(threshold({ above: 1 }))).toEqualTypeOf<OperatorFunction<Forecast, ThresholdDecision>>();
  // @ts-expect-error a number is no policy
  expect(() => decide(1)).toThrow(gatecastError('invalid-argument', /a policy/));
  // @ts-expect-error a threshold is a number
  expect(() => threshold({ above: '90' })).toThrow(gatecastError('invalid-argument', /above/));
});
