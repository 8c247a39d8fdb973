import { Subject, take, UnsubscriptionError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { ControlLoopOptions } from '../../lib/control/loop/loop-options.ts';
import type { Observation } from '../../lib/control/observation.ts';
import { VirtualClock } from '../../lib/control/virtual-clock.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { setUp } from './loop-set-up.ts';

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

  test('the last cycle reports if the stop action was beyond the bounds', () => {
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

  test('stop is the fallback by default', () => {
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
        return () => undefined; // cancels nothing
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

  test('a stop that fails is reported to the subscriber or the listener, after the fallback', () => {
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

  test('a clock that cannot be cancelled is an error, and the observations are unsubscribed all the same', () => {
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
