import { NEVER } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { ControlLoopOptions } from '../../lib/control/loop/loop-options.ts';
import { VirtualClock } from '../../lib/control/virtual-clock.ts';
import { StreamMetrics } from '../../lib/metrics/stream-metrics.ts';
import { cyclesOf, setUp } from './loop-set-up.ts';

describe('the limits', () => {
  test('are applied last: to the action of the model, the fallback and a held action', () => {
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

  test('the rate counts from what was sent, whatever is done to the arrays that were passed out', () => {
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
