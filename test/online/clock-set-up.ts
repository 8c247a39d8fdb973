import fc from 'fast-check';
import type { Arrival } from '../../lib/time/arrival.ts';
import { StreamClock } from '../../lib/online/time/clock.ts';
import type { ClockOptions } from '../../lib/time/step-clock.ts';

export const START = Date.UTC(2026, 0, 31);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** An interval that is no whole number of ms, so that nothing passes by being exact. */
export const INTERVAL = 1000 / 3;
export const OPTIONS: ClockOptions = { interval: INTERVAL, resetAfter: 50 * INTERVAL };

/** A clock with its own row, at an offset other than 0. */
export function newClock(changes: Partial<ClockOptions> = {}) {
  const clock = new StreamClock({ ...OPTIONS, ...changes });
  const at = 3;
  const row = new Float64Array(at + clock.size);
  const ring = new Float64Array(at + clock.ringSize);
  clock.reset(row, at);
  return {
    row,
    take: (time: number): Arrival => ({ ...clock.take(row, at, ring, at, time) }),
    counts: () => clock.counts(row, at),
    latest: () => clock.latest(row, at),
  };
}

export function takeAll(times: readonly number[], changes: Partial<ClockOptions> = {}): Arrival[] {
  const clock = newClock(changes);
  return times.map((time) => clock.take(time));
}

export const next = (missing = 0) => ({ kind: 'next', missing, back: 0 });
export const of = (kind: string) => ({ kind, missing: 0, back: 0 });
export const grid = (steps: readonly number[], interval = INTERVAL) => steps.map((step) => START + step * interval);
export const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
export const unbroken = (count: number) => [of('first'), ...Array.from({ length: count - 1 }, () => next())];
/** Jitter of each sample, as a share of the interval; fast-check prefers the bounds, where it is worst. */
export const jitters = (most: number) =>
  fc.array(fc.double({ min: -most, max: most, noNaN: true }), { minLength: 2, maxLength: 300 });
