import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { Delays } from '../../lib/recording/delays.ts';
import { FaultInjector } from '../../lib/recording/faults.ts';

const inputs = { names: ['a', 'b'], std: [1, 2] };

test('a stall repeats the reading before it 30 times, in its own stream and input only', () => {
  const injector = new FaultInjector(inputs, ['stall'], 0.2, 3);
  const seen: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const sample = injector.inject({ values: { a: i } }, 'one') as { values: { a: number } };
    seen.push(sample.values.a);
    injector.inject([i], 'other');
  }
  const repeats = new Map<number, number>();
  for (const value of seen) repeats.set(value, (repeats.get(value) ?? 0) + 1);
  const lengths = [...repeats.values()].slice(0, -1); // the last may be cut short
  expect(new Set(lengths)).toEqual(new Set([1, 31]));
  seen.forEach((value, i) => expect([i, ...seen.slice(0, i)]).toContain(value)); // nothing is made up
});

test('spikes lie eight deviations off, on both sides, and other fields are left alone', () => {
  const injector = new FaultInjector(inputs, ['spike'], 0.5, 1);
  const seen = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const { values } = injector.inject({ at: i, values: { b: 100, c: 5 } }, undefined) as {
      values: { b: number; c: number };
    };
    expect(values.c).toBe(5);
    seen.add(values.b);
  }
  expect(seen).toEqual(new Set([100, 84, 116]));
});

test('samples are not changed in place, and keep their other fields', () => {
  const injector = new FaultInjector(inputs, ['nan'], 1, 1);
  const sample = { at: 5, values: [1, 2], offset: 7 };
  expect(injector.inject(sample, undefined)).toEqual({
    at: 5,
    values: Float64Array.of(Number.NaN, Number.NaN),
    offset: 7,
  });
  expect(sample).toEqual({ at: 5, values: [1, 2], offset: 7 });
  expect(injector.inject(3, undefined)).toBeNaN();
  expect(injector.counts).toEqual({ nan: 3, drop: 0, stall: 0, spike: 0 });
});

test('delayed, each arrives once, in the order of arrival, no sooner and no later than it may', () => {
  const gaps = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { maxLength: 60 });
  const time = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(gaps, time, time, fc.nat(), (steps, latency, jitter, seed) => {
      const delays = new Delays<number>(latency, jitter, createRandom(seed));
      const arrived: { item: number; arrival: number; delay: number }[] = [];
      const times: number[] = [];
      let now = 0;
      for (const [item, step] of steps.entries()) {
        now += step;
        times.push(now);
        arrived.push(...delays.due(now));
        delays.push(item, now);
      }
      arrived.push(...delays.due(Number.POSITIVE_INFINITY));
      expect(arrived.map(({ item }) => item).sort((a, b) => a - b)).toEqual(times.map((_, item) => item));
      for (const [i, { item, arrival, delay }] of arrived.entries()) {
        expect(arrival).toBe(times[item]! + delay);
        expect(delay).toBeGreaterThanOrEqual(Math.max(0, latency - jitter));
        expect(delay).toBeLessThanOrEqual(latency + jitter);
        if (i > 0) expect(arrival).toBeGreaterThanOrEqual(arrived[i - 1]!.arrival);
      }
    }),
  );
});
