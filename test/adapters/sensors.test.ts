import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sensors } from '../../lib/adapters/sensors.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('sensors', () => {
  it('names every value, with a unit, and gives finite numbers', async () => {
    const stream = sensors({ hz: 100 });
    const readings = await lastValueFrom(stream.pipe(take(5), toArray()));
    expect(new Set(stream.names).size).toBe(stream.names.length);
    expect(stream.units).toHaveLength(stream.names.length);
    for (const { values } of readings) {
      expect(values).toHaveLength(stream.names.length);
      expect(values.every(Number.isFinite)).toBe(true);
      for (const [i, unit] of stream.units.entries()) {
        if (unit === '%') expect(values[i]).toBeLessThanOrEqual(100);
        expect(values[i]).toBeGreaterThanOrEqual(0);
      }
    }
    expect(stream.names).toContain('memory');
    expect(stream.names).toContain('loopDelay');
  });

  it('sees this process keep a core busy and the event loop blocked', async () => {
    const stream = sensors({ hz: 10 });
    const reading = firstValueFrom(stream);
    const end = performance.now() + 600;
    while (performance.now() < end);
    const { values } = await reading;
    const cores = stream.names.flatMap((name, i) => (name.startsWith('core') ? [values[i]!] : []));
    expect(cores.reduce((total, core) => total + core, 0)).toBeGreaterThan(50);
    expect(values[stream.names.indexOf('loopDelay')]).toBeGreaterThan(400);
  });

  it('keeps to its clock however late single readings are, and leaves out missed readings', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const timeouts = vi.spyOn(globalThis, 'setTimeout');
    const stream = sensors({ hz: 10 });
    const late: number[] = [];
    const subscription = stream.subscribe(({ values }) => late.push(values[stream.names.indexOf('loopDelay')]!));
    const nextDue = () => now + Number(timeouts.mock.lastCall![1]);

    expect(nextDue()).toBe(100);
    for (const [wakes, due] of [
      [103, 200],
      [199.5, 300],
      [300, 400],
      [655, 700], // 500 and 600 were missed
      [700, 800],
    ] as const) {
      now = wakes;
      vi.runOnlyPendingTimers();
      expect(nextDue()).toBe(due);
    }
    expect(late).toEqual([3, 0, 0, 255, 0]);
    subscription.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('runs only while subscribed, each subscriber on a clock of its own', () => {
    vi.useFakeTimers();
    const stream = sensors({ hz: 10 });
    expect(vi.getTimerCount()).toBe(0);
    const seen = [0, 0];
    const first = stream.subscribe(() => seen[0]!++);
    vi.advanceTimersByTime(1000);
    const second = stream.pipe(take(3)).subscribe(() => seen[1]!++);
    vi.advanceTimersByTime(1000);
    expect(seen).toEqual([20, 3]);
    expect(second.closed).toBe(true);
    first.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([0, -1, 101, Number.NaN, '10', null])('refuses hz %s', (hz) => {
    expect(() => sensors({ hz: hz as number })).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining('hz') }),
    );
  });
});
