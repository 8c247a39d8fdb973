import { asyncScheduler, concat, map, NEVER, type Observable, of, Subject, take, UnsubscriptionError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { type Clock, systemClock } from '../../lib/control/clock.ts';
import type { ControlContext, ControlCycle, CycleReason, Decide } from '../../lib/control/control-cycle.ts';
import { controlLoop } from '../../lib/control/control-loop.ts';
import type { ControlLoopOptions } from '../../lib/control/loop-options.ts';
import type { Observation } from '../../lib/control/observation.ts';
import { VirtualClock } from '../../lib/control/virtual-clock.ts';
import { StreamMetrics } from '../../lib/stream/metrics.ts';
import { gatecastError } from '../support/gatecast-error.ts';

/** A loop of 100 Hz in virtual time, of one input and one action, which follows the input. */
function setUp(options: Partial<ControlLoopOptions> = {}, clock = new VirtualClock()) {
  const acted: number[] = [];
  const cycles: ControlCycle[] = [];
  const ends: unknown[] = [];
  const loop = controlLoop({
    hz: 100,
    observe: () => ({ at: clock.now(), values: [0.5] }),
    inputs: [{ min: -10, max: 10 }],
    decide: ({ values }) => values,
    act: ([value]) => void acted.push(value!),
    limits: [{ min: -1, max: 1 }],
    fallback: [-0.25],
    stop: 'hold',
    clock,
    ...options,
  });
  const subscribe = () =>
    loop.subscribe({
      next: (cycle) => cycles.push(cycle),
      error: (error) => ends.push(error),
      complete: () => ends.push('complete'),
    });
  return { clock, acted, cycles, ends, loop, subscribe };
}

/** The cycles of the first `ms` of a loop. */
function cyclesOf(options: Partial<ControlLoopOptions>, ms: number, clock?: VirtualClock): ControlCycle[] {
  const { clock: time, cycles, subscribe } = setUp(options, clock);
  const subscription = subscribe();
  time.run(time.now() + ms);
  subscription.unsubscribe();
  return cycles;
}

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
  test('gets the newest observation, and each cycle says what became of it', () => {
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

  test('knows when its action takes effect and which are under way, so that it can roll the state forward', () => {
    // A plant x' = u, whose actions come 35 ms after the cycle is due and whose sensor is 8 ms late. Rolled forward through the
    // actions under way, the state at tEffect is known exactly.
    const clock = new VirtualClock();
    const history: { from: number; u: number }[] = [{ from: Number.NEGATIVE_INFINITY, u: 0 }];
    const plant = (time: number) =>
      history.reduce((x, { from, u }, i) => {
        const until = Math.min(time, history[i + 1]?.from ?? time);
        return x + u * Math.max(0, until - Math.max(0, from));
      }, 0);
    const foreseen: [time: number, x: number][] = [];
    const contexts: ControlContext[] = [];
    const decide: ControlLoopOptions['decide'] = ({ at, values }, context) => {
      contexts.push(context);
      const { underWay, tEffect, seq } = context;
      let x = values[0]!;
      underWay.forEach(({ tEffect: from, action }, i) => {
        const until = Math.min(tEffect, underWay[i + 1]?.tEffect ?? tEffect);
        x += action[0]! * Math.max(0, until - Math.max(at, from));
      });
      foreseen.push([tEffect, x]);
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
    expect(foreseen).toHaveLength(200);
    for (const [time, x] of foreseen) expect(x).toBeCloseTo(plant(time), 9);
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
    ['malformed', 'values that are no list', () => ({ observe: () => at('0.5') })],
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

  test('holds the action before, at first what is nearest to 0', () => {
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

  test('is asked with the reason and the action before; where it fails itself, that is held', () => {
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

describe('the limits', () => {
  test('come last: for the model, the fallback and what is held', () => {
    const wanted = [5, 5, undefined, -5, 0.1];
    const { clock, subscribe, cycles } = setUp({
      limits: [{ min: -1, max: 1, maxRate: 20 }], // 0.2 a cycle
      start: [0.9],
      fallback: [-3],
      inputs: 1,
      observe: () => {
        const value = wanted.shift();
        return value === undefined ? undefined : { at: clock.now(), values: [value] };
      },
    });
    const subscription = subscribe();
    clock.run(45);
    subscription.unsubscribe();
    const near = (value: number) => expect.closeTo(value, 12);
    expect(cycles.map(({ action: [value], limited }) => [value, limited])).toEqual([
      [1, true],
      [1, true],
      [near(0.8), true],
      [near(0.6), true],
      [near(0.4), true],
    ]);
  });

  test('an action that act refuses has not been taken: the rate counts from the one before', () => {
    const thrown = new Error('no contact');
    let calls = 0;
    const taken: number[] = [];
    const cycles = cyclesOf(
      {
        start: [0],
        limits: [{ min: -1, max: 1, maxRate: 10 }],
        decide: () => [1],
        act: ([value]) => {
          calls++;
          if (calls > 2 && calls < 8) throw thrown;
          taken.push(value!);
        },
      },
      85,
    );
    expect(cycles.map(({ reason }) => reason)).toEqual([
      undefined,
      ...new Array<string>(5).fill('act-threw'),
      undefined,
      undefined,
      undefined,
    ]);
    expect(cycles[1]).toMatchObject({ errors: [thrown], source: 'model' });
    taken.forEach((value, i) => expect(value).toBeCloseTo(0.1 * i, 12));
    expect(taken).toHaveLength(5);
  });

  test('the rate counts from what was sent, whatever is done to the arrays that are handed out', () => {
    const sent: number[] = [];
    const { clock, loop } = setUp({
      start: [0],
      decide: (_, { lastAction, underWay }) => {
        for (const each of [lastAction!, ...underWay.map(({ action }) => action)]) each.fill(0.9);
        return [1];
      },
      act: ([value]) => {
        if (clock.now() === 10) throw new Error('busy');
        sent.push(value!);
      },
      limits: [{ min: -1, max: 1, maxRate: 1 }],
    });
    const subscription = loop.subscribe(({ action }) => action.fill(0.9));
    clock.run(50);
    subscription.unsubscribe();
    expect(sent.map((value) => Number(value.toFixed(9)))).toEqual([0, 0.01, 0.02, 0.03, 0.04]);
  });

  test('what act changes in its argument changes nothing else', () => {
    const act = (action: Float64Array) => void action.fill(Number.NaN);
    const cycles = cyclesOf({ act, fallback: 'hold', observe: NEVER, start: [0.5] }, 25);
    expect(cycles.map(({ action }) => action)).toEqual(new Array(3).fill(Float64Array.of(0.5)));
  });
});

describe('start and stop', () => {
  const source = () => new Subject<Observation>();

  test('the start action comes first, the stop action last, at once and inside the bounds', () => {
    const { clock, acted, subscribe } = setUp({
      start: () => [-7],
      stop: ({ lastAction }) => [lastAction![0]! + 40],
      limits: [{ min: -1, max: 1, maxRate: 10 }],
    });
    const subscription = subscribe();
    expect(acted).toEqual([-1]);
    clock.run(15);
    subscription.unsubscribe();
    subscription.unsubscribe();
    clock.run(100);
    expect(acted).toEqual([-1, -0.9, -0.8, 1]);
  });

  test('the last cycle says if the stop action was beyond the bounds', () => {
    const limitedAtEnd = (stop: number[]) => {
      const observed = new Subject<Observation>();
      const { cycles, subscribe } = setUp({ observe: observed, stop });
      subscribe();
      observed.complete();
      return cycles.map(({ action, limited }) => [action[0], limited]);
    };
    expect(limitedAtEnd([2])).toEqual([[1, true]]);
    expect(limitedAtEnd([0.5])).toEqual([[0.5, false]]);
  });

  test('stop is the fallback unless told otherwise', () => {
    const { acted, subscribe } = setUp({ stop: undefined as never, fallback: [-0.5] });
    subscribe().unsubscribe();
    expect(acted).toEqual([-0.5]);
  });

  test('the end or an error of the observations stops the loop, with a last cycle', () => {
    const lost = new Error('lost');
    for (const end of ['complete', lost]) {
      const observe = source();
      const { clock, acted, cycles, ends, subscribe } = setUp({ observe, stop: [0] });
      subscribe();
      observe.next({ at: 0, values: [0.5] });
      clock.run(12);
      if (end === lost) observe.error(lost);
      else observe.complete();
      expect(acted).toEqual([0.5, 0.5, 0]);
      expect(ends).toEqual([end]);
      expect(cycles[2]).toMatchObject({ seq: 2, status: 'stopped', reason: 'stopped', source: 'fallback', errors: [] });
      expect(clock.waited).toBe(false);
    }
  });

  test('an end that comes while the model decides: nothing but stop follows, and no cycle is lost', () => {
    const observe = source();
    const { clock, acted, cycles, ends, subscribe } = setUp({
      observe,
      stop: [0],
      decide: (_, { seq }) => {
        if (seq === 1) observe.complete();
        return [0.5];
      },
    });
    subscribe();
    observe.next({ at: 0, values: [0.5] });
    clock.run(30);
    expect(acted).toEqual([0.5, 0]);
    expect(cycles.map(({ seq, missed, reason }) => [seq, missed, reason])).toEqual([
      [0, 0, undefined],
      [1, 0, 'stopped'],
    ]);
    expect(ends).toEqual(['complete']);
  });

  test('cycles that a block swallowed before the end are in the last one', () => {
    const observe = source();
    const { clock, cycles, subscribe } = setUp({ observe });
    subscribe();
    clock.run(15);
    clock.spend(30); // until 45: 2 and 3 have gone, the end takes the place of 4
    observe.complete();
    expect(cycles.at(-1)).toMatchObject({ seq: 4, missed: 2, status: 'stopped' });
  });

  test('the subscriber may leave within a cycle', () => {
    const { clock, acted, loop } = setUp({ stop: [0] });
    const seen: number[] = [];
    loop.pipe(take(2)).subscribe(({ seq }) => seen.push(seq));
    clock.run(100);
    expect([seen, acted]).toEqual([
      [0, 1],
      [0.5, 0.5, 0],
    ]);
    expect(clock.waited).toBe(false);
  });

  test.each(['observe', 'decide', 'fallback', 'act'] as const)(
    'nothing follows stop when the subscriber leaves within %s',
    (name) => {
      const leave = (value: unknown) => {
        subscription.unsubscribe();
        return value as never;
      };
      const deafClock = new VirtualClock();
      const wait = deafClock.wait.bind(deafClock);
      deafClock.wait = (until, wake) => {
        wait(until, wake);
        return () => undefined; // calls nothing off
      };
      const acted: number[] = [];
      let stopped = false;
      const { cycles, subscribe } = setUp(
        {
          ...(name === 'fallback' && { observe: () => undefined }),
          act: ([value]) => void acted.push(value!),
          stop: () => ((stopped = true), [0]),
          [name]: (given?: number[]) => {
            if (name === 'act' && acted.push(given![0]!) > 1) return undefined;
            return leave([0.5]);
          },
        },
        deafClock,
      );
      const subscription = subscribe();
      deafClock.run(50);
      expect([acted, stopped, cycles]).toEqual([name === 'act' ? [0.5, 0] : [0], true, []]);
    },
  );

  test('a start that fails is an error, after stop', () => {
    const refused = new Error('refused');
    const cases: [Partial<ControlLoopOptions>, unknown][] = [
      [{ start: () => [Number.NaN] }, gatecastError('invalid-argument', /the action of start/)],
      [
        {
          start: () => {
            throw refused;
          },
        },
        refused,
      ],
    ];
    for (const [options, error] of cases) {
      const { clock, acted, ends, cycles, subscribe } = setUp({ ...options, stop: [0] });
      subscribe();
      clock.run(50);
      expect([acted, ends]).toEqual([[0], [error]]);
      expect(cycles).toMatchObject([{ status: 'stopped', missed: 0 }]);
    }
  });

  test('a stop that fails is told to whoever is there to hear it, after the fallback', () => {
    const refused = new Error('refused');
    const stop = () => {
      throw refused;
    };
    const left = setUp({ stop });
    const subscription = left.subscribe();
    expect(() => subscription.unsubscribe()).toThrow(UnsubscriptionError);
    expect(left.acted).toEqual([-0.25]);

    const observe = source();
    const ended = setUp({ stop, observe });
    ended.subscribe();
    observe.complete();
    expect(ended.ends).toEqual([refused]);
    expect(ended.cycles.at(-1)).toMatchObject({ status: 'stopped', errors: [refused] });
  });

  test('a promise of act that rejects is reported in the next cycle', async () => {
    const refused = new Error('refused');
    let calls = 0;
    const { clock, cycles, subscribe } = setUp({
      act: async () => (calls++ === 1 ? Promise.reject(refused) : undefined),
    });
    const subscription = subscribe();
    for (let time = 5; time < 40; time += 10) {
      clock.run(time);
      await new Promise(setImmediate);
    }
    subscription.unsubscribe();
    expect(cycles.map(({ reason }) => reason)).toEqual([undefined, undefined, 'act-threw', undefined]);
    expect(cycles[2]).toMatchObject({ errors: [refused], source: 'model' });
  });

  test('a clock that cannot be called off is an error, and lets go of the observations all the same', () => {
    const clock = {
      now: () => 0,
      wait: () => () => {
        throw new Error('off');
      },
    };
    const left = new Subject<Observation>();
    const subscription = setUp({ observe: left, clock }).loop.subscribe();
    expect(() => subscription.unsubscribe()).toThrow(UnsubscriptionError);
    expect(left.observed).toBe(false);
    const ended = new Subject<Observation>();
    const ends: unknown[] = [];
    setUp({ observe: ended, clock }).loop.subscribe({ error: (error: Error) => ends.push(error.message) });
    ended.complete();
    expect(ends).toEqual(['off']);
  });

  test('a clock that fails ends the loop, after stop', () => {
    const broken = new VirtualClock();
    const { acted, ends, subscribe } = setUp({ stop: [0] }, broken);
    subscribe();
    broken.run(15);
    broken.now = () => Number.NaN;
    broken.run(40);
    expect(acted).toEqual([0.5, 0.5, 0]);
    expect(ends).toEqual([gatecastError('invalid-argument', /a finite number for the time of the clock/)]);
  });
});

describe('the status', () => {
  test('runs after recoverAfter good cycles in a row, is degraded after degradeAfter bad ones', () => {
    const letters = { warming: 'w', running: 'r', degraded: 'd', stopped: 's' };
    const statuses = (goods: string) => {
      const left = goods.split('');
      const clock = new VirtualClock();
      const observe = () => (left.shift() === '+' ? { at: clock.now(), values: [0] } : undefined);
      const cycles = cyclesOf({ observe, degradeAfter: 2, recoverAfter: 3 }, 10 * goods.length - 5, clock);
      return cycles.map(({ status }) => letters[status]).join('');
    };
    expect(statuses('+++-+-+--++-+++')).toBe('wwrrrrrrddddddr');
    expect(statuses('-+-+++')).toBe('wwwwwr');
    expect(statuses('--+++')).toBe('wdddr');
  });

  test('missed cycles are bad ones', () => {
    const clock = new VirtualClock();
    const decide: ControlLoopOptions['decide'] = (_, { seq }) => (clock.spend(seq === 2 ? 45 : 1), [0]);
    const cycles = cyclesOf({ decide, degradeAfter: 4, recoverAfter: 2 }, 100, clock);
    expect(cycles.map(({ seq, missed, status }) => [seq, missed, status])).toEqual([
      [0, 0, 'warming'],
      [1, 0, 'running'],
      [2, 0, 'running'],
      [6, 3, 'degraded'],
      [7, 0, 'running'],
      [8, 0, 'running'],
      [9, 0, 'running'],
    ]);
  });
});

test('counts and times', () => {
  const metrics = new StreamMetrics();
  const reader = metrics.reader();
  const clock = new VirtualClock();
  const decide: ControlLoopOptions['decide'] = (_, { seq }) => (clock.spend(seq === 1 ? 24 : 3), [0]);
  cyclesOf({ metrics, decide, observe: () => ({ at: clock.now() - 2, values: [0] }) }, 60, clock);
  const { counters, times } = reader.read();
  // Cycles at 0, 10 (until 34), 34 for that of 30, 40 and 50.
  expect(counters).toMatchObject({ cycles: 5, 'misses:skipped': 1, 'misses:late': 1, fallbacks: 1 });
  expect(times.period).toMatchObject({ count: 4, max: 24e6, mean: 12.5e6 });
  expect(times.jitter).toMatchObject({ count: 5, max: 4e6, p50: 0 });
  expect(times.age).toMatchObject({ count: 5, max: 2e6 });
  expect(times.compute).toMatchObject({ count: 5, max: 24e6 });
  expect(times.compute.p999).toBeGreaterThanOrEqual(24e6);
});

/** The same pseudo-random numbers in [0, 1) for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const fuzzed = Number(process.env['GATECAST_CYCLES'] ?? 100_000);

test.each([1, 2])(
  `no action leaves the limits in ${fuzzed} cycles of wrong observations, seed %i`,
  { timeout: 600_000 },
  (seed) => {
    const random = randomNumbers(seed);
    const pick = <T>(...choices: T[]) => choices[Math.floor(random() * choices.length)]!;
    const clock = new VirtualClock(1.8e12);
    const hz = 250;
    const limits = [
      { min: -1, max: 1, maxRate: 25 }, // 0.1 a cycle
      { min: 0, max: 1e6 },
      { min: -1e-3, max: 2e-3, maxRate: 1e-2 },
    ];
    const odd = () => pick(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300, -0, 5e-324);
    const value = () => (random() < 0.2 ? odd() : (random() - 0.5) * 10 ** Math.floor(random() * 12 - 6));
    const values = (n: number) => Array.from({ length: n }, value);
    let stuck: Observation = { at: clock.now(), values: [0, 0] };
    // Faults come in spells, and spells without any let the loop recover.
    let spell = 0;
    let calm = true;
    const observe = () => {
      if (spell-- <= 0) [spell, calm] = [Math.floor(random() * 40), random() < 0.5];
      if (calm) return (stuck = { at: clock.now() - random(), values: [random(), random()] });
      return pick<() => unknown>(
        () => undefined,
        () => stuck,
        () => ({ at: clock.now() - 50 * random(), values: values(2) }),
        () => ({ at: odd(), values: values(2) }),
        () => ({ at: clock.now(), values: values(Math.floor(random() * 4)) }),
        () => {
          throw new Error('no contact');
        },
      )() as Observation;
    };
    const decide: ControlLoopOptions['decide'] = () => {
      if (calm) return [random() - 0.5, 1e5 * random(), 1e-3 * random()];
      if (random() < 0.1) clock.spend(20 * random());
      return random() < 0.1 ? values(Math.floor(random() * 5)) : { action: values(3), iterations: value() };
    };
    const [degradeAfter, recoverAfter] = [3, 5];
    let previous: Float64Array | undefined;
    const sent = new Array<number>(3).fill(0);
    const wrong: unknown[] = [];
    const tally: Record<string, number> = {};
    let [cycleCount, nextSeq, goodInARow, badInARow, status] = [0, 0, 0, 0, 'warming'];
    const loop = controlLoop({
      hz,
      observe,
      decide,
      inputs: [
        { min: -5, max: 5 },
        { min: -1e9, max: 1e9 },
      ],
      fallback: () => (random() < 0.5 ? values(3) : [0, 0, 0]),
      limits,
      degradeAfter,
      recoverAfter,
      clock,
      start: [0, 0, 0],
      stop: [0, 0, 0],
      act: (action) => {
        if (cycleCount < fuzzed && random() < 0.01) throw new Error('no contact'); // stop gets through
        const before = previous;
        previous = action;
        limits.forEach(({ min, max, maxRate = Number.POSITIVE_INFINITY }, i) => {
          const now = action[i]!;
          sent[i]!++;
          if (!(now >= min && now <= max)) wrong.push([cycleCount, i, now]);
          if (before !== undefined && cycleCount < fuzzed && !(Math.abs(now - before[i]!) <= maxRate / hz + 1e-12)) {
            wrong.push([cycleCount, i, before[i], now]);
          }
        });
      },
    });
    const cycle$ = loop.pipe(take(fuzzed));
    cycle$.subscribe(({ seq, missed, tDue, tOut, deadlineMet, source, reason, errors, ...cycle }) => {
      cycleCount++;
      // What a cycle must say of itself, from the schedule and its neighbours.
      if (seq !== nextSeq + missed) wrong.push(['a gap of the schedule', seq, nextSeq, missed]);
      nextSeq = seq + 1;
      if (
        deadlineMet !== tOut <= 1.8e12 + (seq + 1) * (1000 / hz) ||
        Math.abs(tDue - 1.8e12 - (seq * 1000) / hz) > 1e-3
      ) {
        wrong.push(['the deadline', seq, tOut, deadlineMet]);
      }
      const good = source === 'model' && deadlineMet && reason === undefined;
      if (source !== 'model' && reason === undefined) wrong.push(['no reason', seq]);
      if (errors.length > 0 && reason === undefined) wrong.push(['errors without a reason', seq]);
      if (missed > 0) [goodInARow, badInARow] = [0, badInARow + missed];
      if (badInARow >= degradeAfter) status = 'degraded';
      [goodInARow, badInARow] = good ? [goodInARow + 1, 0] : [0, badInARow + 1];
      if (goodInARow >= recoverAfter) status = 'running';
      if (badInARow >= degradeAfter) status = 'degraded';
      if (cycle.status !== status) wrong.push(['the status', seq, cycle.status, status]);
      const kind = reason ?? (deadlineMet ? 'good' : 'late');
      tally[kind] = (tally[kind] ?? 0) + 1;
      tally[cycle.status] = (tally[cycle.status] ?? 0) + 1;
    });
    while (clock.waited) clock.run(clock.now() + 1000);
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(cycleCount).toBe(fuzzed);
    expect(Math.min(...sent)).toBeGreaterThan(0.95 * fuzzed);
    // All that can go wrong did.
    const reasons: (CycleReason | 'good')[] = [
      ...(['good', 'missing', 'malformed', 'stale', 'wrong-length', 'not-finite', 'out-of-range'] as const),
      ...(['observe-threw', 'bad-action', 'overrun', 'act-threw'] as const),
    ];
    for (const each of [...reasons, 'running', 'degraded']) expect(tally[each], each).toBeGreaterThan(fuzzed / 10_000);
  },
);

test('in real time every miss under a blocked event loop is flagged', async () => {
  const period = 5;
  const began = process.hrtime.bigint();
  const acts: number[] = []; // [ms since `began`], by a clock of its own
  const elapsed = () => Number(process.hrtime.bigint() - began) / 1e6;
  // What comes between the two looks makes the difference less.
  const epoch = Math.max(...Array.from({ length: 1000 }, () => systemClock.now() - elapsed()));
  const block = (ms: number) => {
    for (const until = elapsed() + ms; elapsed() < until; );
  };
  const cycles: ControlCycle[] = [];
  let blocked = 0;
  await new Promise<void>((resolve) => {
    const subscription = controlLoop({
      hz: 1000 / period,
      observe: () => ({ at: systemClock.now(), values: [0] }),
      inputs: 1,
      decide: (_, { seq }) => {
        if (seq % 17 === 3) block(1.5 * period); // a planner that overruns
        return [0];
      },
      act: () => void acts.push(elapsed()),
      limits: [{ min: -1, max: 1 }],
      fallback: 'hold',
    }).subscribe((cycle) => {
      cycles.push(cycle);
      if (cycles.length % 10 === 5) {
        blocked++;
        setImmediate(() => block((2 + (blocked % 3)) * period)); // something else that holds the event loop
      }
      if (cycles.length === 150) {
        subscription.unsubscribe();
        resolve();
      }
    });
  });
  expect(acts).toHaveLength(150);
  const origin = cycles[0]!.tDue - cycles[0]!.seq * period - epoch;
  const unflagged: unknown[] = [];
  let last = -1;
  cycles.forEach(({ seq, missed, deadlineMet }, i) => {
    // By the independent clock: every place on the schedule has its action inside its period, or is flagged.
    const slot = Math.floor((acts[i]! - origin - 0.05) / period);
    if (slot > seq && deadlineMet) unflagged.push(['late', seq, slot]);
    if (seq - last - 1 !== missed) unflagged.push(['missed', seq, last, missed]);
    if (acts[i]! < origin + seq * period - 0.05) unflagged.push(['early', seq]);
    last = seq;
  });
  expect(unflagged).toEqual([]);
  // A block of two periods or more leaves a place on the schedule empty.
  const gaps = acts.filter((time, i) => i > 0 && time - acts[i - 1]! > 2 * period).length;
  expect(gaps).toBeGreaterThanOrEqual(blocked - 1);
  const flagged = cycles.filter(({ missed, deadlineMet }) => missed > 0 || !deadlineMet).length;
  expect(flagged).toBeGreaterThanOrEqual(gaps);
  expect(cycles.filter(({ reason }) => reason === 'overrun').length).toBeGreaterThan(0);
});

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

describe('the system clock', () => {
  test('is that of the epoch, wakes once and never early, and can be called off', async () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000);
    for (const ahead of [-5, 0, 0.01, 0.5, 3, 12]) {
      const until = systemClock.now() + ahead;
      let within = true;
      const woken = await new Promise<number>((resolve) => {
        systemClock.wait(until, () => {
          expect(within).toBe(false);
          resolve(systemClock.now());
        });
        within = false;
      });
      expect(woken).toBeGreaterThanOrEqual(until);
    }
    let calls = 0;
    const callOffs = [0, 1, 5].map((ahead) => systemClock.wait(systemClock.now() + ahead, () => calls++));
    for (const callOff of callOffs) callOff();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(0);
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
