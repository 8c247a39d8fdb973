import { concat, NEVER, type Observable, of, Subject } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { ControlContext, ControlCycle, CycleReason, Decide } from '../../lib/control/control-cycle.ts';
import { controlLoop } from '../../lib/control/loop/control-loop.ts';
import type { ControlLoopOptions } from '../../lib/control/loop/loop-options.ts';
import type { Observation } from '../../lib/control/observation.ts';
import { VirtualClock } from '../../lib/control/virtual-clock.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { cyclesOf, setUp } from './loop-set-up.ts';

describe('the schedule', () => {
  test('is start + n periods, after 30,000 cycles too', () => {
    const clock = new VirtualClock(1.8e12);
    let late = 0;
    let last: ControlCycle | undefined;
    const { loop } = setUp(
      { hz: 300, decide: () => (clock.spend(0.001 * (late++ % 7)), [0]) }, // what each cycle takes does not add up
      clock,
    );
    const subscription = loop.subscribe((cycle) => (last = cycle));
    clock.run(1.8e12 + 100_000);
    subscription.unsubscribe();
    expect(last!.seq).toBe(29_999);
    expect(last!.tIn).toBeCloseTo(1.8e12 + 99_996.6667, 2);
    expect(late).toBe(30_000);
  });

  test('cycles that are not run are counted in the next, which says if it is late, and never caught up', () => {
    const clock = new VirtualClock();
    const blocks = new Map([[2, 34]]); // at 20 ms, until 54
    const cycles = cyclesOf(
      {
        decide: (_, { seq }) => {
          clock.spend(blocks.get(seq) ?? 1);
          return [0.5];
        },
      },
      100,
      clock,
    );
    expect(cycles.map(({ seq, missed, tIn, deadlineMet }) => [seq, missed, tIn, deadlineMet])).toEqual([
      [0, 0, 0, true],
      [1, 0, 10, true],
      [2, 0, 20, false],
      [5, 2, 54, true],
      [6, 0, 60, true],
      [7, 0, 70, true],
      [8, 0, 80, true],
      [9, 0, 90, true],
    ]);
  });

  test('a cycle that begins after its deadline does not ask the model', () => {
    const clock = new VirtualClock();
    const asked: number[] = [];
    const decide: ControlLoopOptions['decide'] = (_, { seq }) => {
      asked.push(seq);
      clock.spend(seq === 0 ? 19 : 1);
      return [0.5];
    };
    const cycles = cyclesOf({ decide, deadlineMs: 5 }, 40, clock);
    expect(cycles.map(({ seq, reason, deadlineMet }) => [seq, reason, deadlineMet])).toEqual([
      [0, 'overrun', false],
      [1, 'late', false],
      [2, undefined, true],
      [3, undefined, true],
    ]);
    expect(asked).toEqual([0, 2, 3]);
  });
});

describe('the model', () => {
  test('gets the newest observation, and each cycle reports what was done with it', () => {
    const clock = new VirtualClock(1000);
    const source = new Subject<Observation>();
    const { cycles, acted, subscribe } = setUp(
      {
        observe: source,
        decide: ({ values }) => {
          clock.spend(2);
          return { action: values, iterations: 7 };
        },
      },
      clock,
    );
    const subscription = subscribe();
    source.next({ at: 998, values: [0.1] });
    source.next({ at: 999, values: [0.2] });
    clock.run(1005);
    expect(cycles).toEqual([
      {
        seq: 0,
        status: 'warming',
        tDue: 1000,
        tEvent: 999,
        tIn: 1000,
        tOut: 1002,
        ageMs: 1,
        deadlineMet: true,
        missed: 0,
        source: 'model',
        iterations: 7,
        action: Float64Array.of(0.2),
        limited: false,
        reason: undefined,
        flags: [],
        errors: [],
      },
    ]);
    expect(acted).toEqual([0.2]);
    subscription.unsubscribe();
    expect(source.observed).toBe(false);
    expect(clock.waited).toBe(false);
  });

  test('may give a number where there is one action', () => {
    expect(cyclesOf({ decide: () => ({ action: 0.5 }) }, 5)[0]).toMatchObject({ action: Float64Array.of(0.5) });
    const two = [
      { min: -1, max: 1 },
      { min: -1, max: 1 },
    ];
    const options = { decide: () => ({ action: 0.5 }), limits: two, fallback: [0, 0] };
    expect(cyclesOf(options, 5)[0]).toMatchObject({ reason: 'bad-action' });
  });

  test('knows when its action takes effect and which actions are under way, so that it can roll the state forward', () => {
    // A plant x' = u, whose actions come 35 ms after the cycle is due and whose sensor is 8 ms late. Rolled forward through the
    // actions under way, the state at tEffect is known exactly.
    const clock = new VirtualClock();
    const history: { from: number; u: number }[] = [{ from: Number.NEGATIVE_INFINITY, u: 0 }];
    const plant = (time: number) =>
      history.reduce((x, { from, u }, i) => {
        const until = Math.min(time, history[i + 1]?.from ?? time);
        return x + u * Math.max(0, until - Math.max(0, from));
      }, 0);
    const predicted: [time: number, x: number][] = [];
    const contexts: ControlContext[] = [];
    const decide: ControlLoopOptions['decide'] = ({ at, values }, context) => {
      contexts.push(context);
      const { underWay, tEffect, seq } = context;
      let x = values[0]!;
      underWay.forEach(({ tEffect: from, action }, i) => {
        const until = Math.min(tEffect, underWay[i + 1]?.tEffect ?? tEffect);
        x += action[0]! * Math.max(0, until - Math.max(at, from));
      });
      predicted.push([tEffect, x]);
      return [Math.sin(seq)];
    };
    const { subscribe, cycles } = setUp(
      {
        observe: () => ({ at: clock.now() - 8, values: [plant(clock.now() - 8)] }),
        decide,
        act: ([u]) => void history.push({ from: clock.now() + 35, u: u! }),
        inputs: 1,
        delayMs: 35,
      },
      clock,
    );
    const subscription = subscribe();
    clock.run(2000);
    subscription.unsubscribe();
    expect(predicted).toHaveLength(200);
    for (const [time, x] of predicted) expect(x).toBeCloseTo(plant(time), 9);
    expect(contexts.map(({ tEffect }) => tEffect)).toEqual(cycles.map(({ tDue }) => tDue + 35));
    expect(Math.max(...contexts.map(({ underWay }) => underWay.length))).toBe(6); // in effect at the observation before, and those of 43 ms
    expect(contexts[9]).toMatchObject({ seq: 9, tIn: 90, deadline: 100, lastAction: cycles[8]!.action });
    expect(contexts[0]!.lastAction).toBeUndefined();
  });
});

describe('the fallback', () => {
  const thrown = new Error('thrown');
  const at = (values: unknown, time = 0) => ({ at: time, values }) as Observation;
  const fail = () => {
    throw thrown;
  };
  const faults: [CycleReason, string, (clock: VirtualClock) => Partial<ControlLoopOptions>][] = [
    ['missing', 'no observation yet', () => ({ observe: NEVER })],
    ['missing', 'a function that has none', () => ({ observe: () => undefined })],
    ['stale', 'one that is too old', () => ({ observe: () => at([0.5], -31) })],
    ['stale', 'one from far ahead', () => ({ observe: () => at([0.5], 31) })],
    ['malformed', 'one without a time', () => ({ observe: () => at([0.5], Number.NaN) })],
    ['malformed', 'values that are not a list', () => ({ observe: () => at('0.5') })],
    ['wrong-length', 'too few values', () => ({ observe: () => at([]) })],
    ['wrong-length', 'too many values', () => ({ observe: () => at([0.5, 0.5]) })],
    ['not-finite', 'NaN', () => ({ observe: () => at([Number.NaN]) })],
    ['not-finite', 'infinity', () => ({ observe: () => at([Number.POSITIVE_INFINITY]) })],
    ['not-finite', 'no number', () => ({ observe: () => at(['0.5']) })],
    ['out-of-range', 'a value too high', () => ({ observe: () => at([10.001]) })],
    ['out-of-range', 'a value too low', () => ({ observe: () => at([-1e300]) })],
    ['observe-threw', 'a function that throws', () => ({ observe: fail })],
    [
      'observe-threw',
      'a getter that throws',
      () => ({
        observe: () => ({
          at: 0,
          get values() {
            return fail();
          },
        }),
      }),
    ],
    ['decide-threw', 'a planner that throws', () => ({ decide: fail })],
    ['bad-action', 'an action of wrong length', () => ({ decide: () => [] })],
    ['bad-action', 'an action with NaN', () => ({ decide: () => [Number.NaN] })],
    ['bad-action', 'an infinite action', () => ({ decide: () => ({ action: [Number.NEGATIVE_INFINITY] }) })],
    ['bad-action', 'a promise', () => ({ decide: (async () => [0.5]) as never })],
    ['bad-action', 'nothing', () => ({ decide: (() => undefined) as never })],
    ['overrun', 'an answer after the deadline', (clock) => ({ decide: () => (clock.spend(10.01), [0.5]) })],
  ];

  test.each(faults)('%s: %s', (reason, _, options) => {
    const clock = new VirtualClock();
    const errors = reason.endsWith('-threw') ? [thrown] : [];
    const seen = cyclesOf(options(clock), 5, clock);
    expect(seen).toMatchObject([{ seq: 0, source: 'fallback', reason, errors, action: Float64Array.of(-0.25) }]);
    const later = new VirtualClock();
    const held = cyclesOf({ ...options(later), fallback: 'hold', start: [0.75] }, 5, later);
    expect(held).toMatchObject([{ source: 'held', reason, errors, action: Float64Array.of(0.75) }]);
  });

  test('observations that are just good enough are used', () => {
    for (const observation of [at([0.5], -30), at([0.5], 30), at([10]), at([-10]), at(Float32Array.of(0.5))]) {
      expect(cyclesOf({ observe: () => observation }, 5)).toMatchObject([{ source: 'model', reason: undefined }]);
    }
    const clock = new VirtualClock();
    const justInTime = cyclesOf({ decide: () => (clock.spend(10), [0.5]) }, 5, clock);
    expect(justInTime).toMatchObject([{ source: 'model', deadlineMet: true }]);
  });

  test('holds the previous action, at first the one nearest to 0', () => {
    const good = [false, true, false, false, true];
    const { clock, acted, subscribe } = setUp({
      fallback: 'hold',
      limits: [{ min: 0.1, max: 1 }],
      observe: () => (good.shift() ? at([0.6], clock.now()) : undefined),
    });
    const subscription = subscribe();
    clock.run(45);
    subscription.unsubscribe();
    expect(acted).toEqual([0.1, 0.6, 0.6, 0.6, 0.6]);
  });

  test('is asked with the reason and the previous action; if it fails itself, that is held', () => {
    const asked: unknown[] = [];
    const answers: unknown[] = [[0.3], [5], [Number.NaN], [], thrown];
    const cycles = cyclesOf(
      {
        start: [0.7],
        observe: NEVER,
        fallback: (context) => {
          asked.push(context);
          const answer = answers.shift();
          if (answer === thrown) throw thrown;
          return answer as number[];
        },
      },
      45,
    );
    expect(cycles.map(({ action: [value], source }) => [value, source])).toEqual([
      [0.3, 'fallback'],
      [1, 'fallback'],
      [1, 'held'],
      [1, 'held'],
      [1, 'held'],
    ]);
    expect(cycles.slice(2).map(({ errors }) => errors)).toEqual([
      [gatecastError('invalid-argument', /1 finite numbers for the action of fallback/)],
      [gatecastError('invalid-argument', /1 finite numbers for the action of fallback/)],
      [thrown],
    ]);
    expect(asked.slice(0, 2)).toEqual([
      { seq: 0, reason: 'missing', lastAction: Float64Array.of(0.7) },
      { seq: 1, reason: 'missing', lastAction: Float64Array.of(0.3) },
    ]);
  });
});

test('wrong options are refused at once', () => {
  const right = {
    hz: 100,
    observe: () => undefined,
    inputs: 1,
    decide: () => [0],
    act: () => undefined,
    limits: [{ min: 0, max: 1 }],
    fallback: 'hold',
  };
  const refused = (options: object, message: RegExp) =>
    expect(() => controlLoop(options as never)).toThrow(gatecastError('invalid-argument', message));
  refused({ ...right, hz: 0 }, /0\.001 to 10000.*hz/);
  refused({ ...right, observe: [1] }, /an Observable or a function for options\.observe/);
  refused({ ...right, inputs: 0 }, /inputs/);
  refused({ ...right, inputs: [{ min: 1, max: 0 }] }, /at least min, which is 1 for options\.inputs\[0\]\.max/);
  refused({ ...right, limits: [] }, /limits/);
  refused({ ...right, limits: [{ min: 1, max: 0 }] }, /limits\[0\]\.max/);
  refused({ ...right, fallback: 'brake' }, /'hold'/);
  refused({ ...right, fallback: [Number.NaN] }, /finite numbers.*fallback/);
  refused({ ...right, stop: [0, 0] }, /1 numbers, as limits has for options\.stop/);
  refused({ ...right, start: 'hold' }, /options\.start/);
  refused({ ...right, deadlineMs: 11 }, /at most a period, 10 ms for options\.deadlineMs/);
  refused({ ...right, recoverAfter: 0 }, /recoverAfter/);
  refused({ ...right, clock: { now: () => 0 } }, /a clock with now and wait/);
  refused({ ...right, fallbak: 'hold' }, /Did you mean fallback/);
});

test('types', () => {
  const { loop } = setUp();
  expectTypeOf(loop).toEqualTypeOf<Observable<ControlCycle>>();
  expectTypeOf<ControlCycle['source']>().toEqualTypeOf<'model' | 'fallback' | 'held'>();
  expectTypeOf<Parameters<Decide>[0]['values']>().toEqualTypeOf<Float64Array>();
  // @ts-expect-error an observation has a time
  setUp({ observe: concat(of({ values: [1] }), NEVER) });
  // @ts-expect-error an action is a list
  setUp({ decide: () => 1 });
  // @ts-expect-error a decision is not waited for
  setUp({ decide: async () => [1] });
});
