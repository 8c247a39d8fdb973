import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameSteps } from '../../lib/online/part.ts';
import { SampleLog } from '../../lib/online/time/sample-log.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const NAN = Number.NaN;

/** A log of two values per sample with its own row, at an offset other than 0. */
function newLog(capacity: number) {
  const log = new SampleLog(2, capacity);
  const at = 5;
  const row = new Float64Array(at + log.size);
  const ring = new Float64Array(at + log.ringSize);
  return {
    push: (time: number, values?: number[]) => log.push(row, at, ring, at, time, values),
    put: (back: number, time: number, values: number[]) => log.put(row, at, ring, at, back, time, values),
    /** Times and values, oldest first. */
    held: () =>
      Array.from({ length: log.count(row, at) }, (_, i, out = new Float64Array(2)) => [
        log.read(row, at, ring, at, log.count(row, at) - 1 - i, out),
        ...out,
      ]),
  };
}

test('holds the last samples', () => {
  const { push, held } = newLog(3);
  expect(held()).toEqual([]);
  push(1, [10, 11]);
  push(2, [20, 21]);
  expect(held()).toEqual([
    [1, 10, 11],
    [2, 20, 21],
  ]);
  push(3);
  push(NAN, [40, NAN]);
  expect(held()).toEqual([
    [2, 20, 21],
    [3, NAN, NAN],
    [NAN, 40, NAN],
  ]);
});

test('takes a late sample in its place, before all others too, and refuses one it cannot hold', () => {
  const { push, put, held } = newLog(4);
  push(5, [50, 51]);
  expect(put(2, 3, [30, 31])).toBe(true);
  expect(held()).toEqual([
    [3, 30, 31],
    [NAN, NAN, NAN],
    [5, 50, 51],
  ]);
  expect(put(1, 4, [40, 41])).toBe(true);
  const before = [
    [3, 30, 31],
    [4, 40, 41],
    [5, 50, 51],
  ];
  expect(held()).toEqual(before);
  expect(put(4, 1, [10, 11])).toBe(false);
  expect(held()).toEqual(before);
});

test('holds samples that come out of order in the order of their steps', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.nat(11), { minLength: 1, maxLength: 60 }),
      (capacity, lags) => {
        const order = lags
          .map((lag, step) => ({ step, comes: step + (lag % capacity) }))
          .sort((a, b) => a.comes - b.comes);
        const { push, put, held } = newLog(capacity);
        let newest = order[0]!.step - 1;
        for (const { step } of order) {
          if (step > newest) {
            while (++newest < step) push(newest);
            push(step, [step * 10, -step]);
          } else expect(put(newest - step, step, [step * 10, -step])).toBe(true);
        }
        const sorted = lags.map((_, step) => [step, step * 10, -step]);
        expect(held()).toEqual(sorted.slice(-capacity));
      },
    ),
  );
});

test('keeps what the rows of earlier steps hold, once for all of them', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(7), fc.integer({ min: 1, max: 5 }), (before, since, capacity) => {
      const log = new SampleLog(1, capacity, 7);
      const ring = new Float64Array(log.ringSize);
      const row = new Float64Array(log.size);
      const out = new Float64Array(1);
      for (let t = 0; t < before; t++) log.push(row, 0, ring, 0, t, [10 * t]);
      const [old, own] = [row.slice(), ring.slice()];
      for (let t = 0; t < since; t++) log.push(row, 0, ring, 0, 100 + t);
      expect(log.count(old, 0)).toBe(Math.min(before, capacity));
      for (let back = 0; back < log.count(old, 0); back++) {
        const time = before - 1 - back;
        expect([log.read(old, 0, ring, 0, back, out), out[0]]).toEqual([time, 10 * time]);
      }
      expect(
        sameSteps(log, { row: old, at: 0, ring: ring, ringAt: 0 }, { row: old, at: 0, ring: own, ringAt: 0 }),
      ).toBe(true);
    }),
  );
});

test.each([
  [0, 3],
  [2, 0],
  [1.5, 3],
  [2, 2 ** 24 + 1],
])('a log of %d values and %d samples is refused', (width, capacity) => {
  expect(() => new SampleLog(width, capacity)).toThrow(gatecastError('invalid-argument'));
});
