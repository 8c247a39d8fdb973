import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Arrival } from '../../lib/time/arrival.ts';
import { StreamClock } from '../../lib/online/time/clock.ts';
import type { ClockOptions } from '../../lib/time/step-clock.ts';
import { sameSteps } from '../../lib/online/part.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import {
  START,
  MINUTE,
  HOUR,
  INTERVAL,
  OPTIONS,
  newClock,
  takeAll,
  next,
  of,
  grid,
  upTo,
  unbroken,
  jitters,
} from './clock-set-up.ts';

describe('an even stream', () => {
  test('is one step after another', () => {
    expect(takeAll(grid(upTo(1000)))).toEqual(unbroken(1000));
  });

  test('with any jitter below 40 % has no gap and no duplicate', () => {
    fc.assert(
      fc.property(jitters(0.399), (offsets) => {
        const times = offsets.map((offset, i) => START + (i + offset) * INTERVAL);
        expect(takeAll(times)).toEqual(unbroken(times.length));
      }),
    );
  });

  test('is not taken for a fast one when the stamps lie early and late by turns', () => {
    const times = upTo(1000).map((i) => START + (i + (i % 2 ? 0.39 : -0.39)) * INTERVAL);
    expect(takeAll(times, { resample: true })).toEqual(unbroken(1000));
  });

  test.each([
    ['nothing', 0],
    ['50 ppm', 50e-6],
    ['a thousandth', 0.001],
    ['a thousandth the other way', -0.001],
  ])('of a clock that is off by %s has no gap and no duplicate in 20,000 samples, jitter or not', (_, drift) => {
    const times = grid(upTo(20_000), INTERVAL * (1 + drift));
    expect(takeAll(times)).toEqual(unbroken(times.length));
    const jittered = times.map((time, i) => time + 0.39 * INTERVAL * Math.sin(i * i));
    expect(takeAll(jittered)).toEqual(unbroken(times.length));
  });

  test('without times is next, whatever came before', () => {
    const clock = newClock();
    expect([Number.NaN, START, Number.NaN, START + 2 * INTERVAL, START + 4 * INTERVAL].map(clock.take)).toEqual([
      next(),
      of('first'),
      next(),
      next(),
      next(1),
    ]);
  });
});

describe('gaps', () => {
  test('are as long as what was left out, with any jitter below 10 %', () => {
    const drops = fc.array(fc.record({ gap: fc.nat(40), off: fc.double({ min: -0.09, max: 0.09, noNaN: true }) }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(drops, (samples) => {
        const clock = newClock();
        clock.take(START);
        let step = 0;
        for (const { gap, off } of samples) {
          step += gap + 1;
          expect(clock.take(START + (step + off) * INTERVAL)).toEqual(next(gap));
        }
        expect(clock.counts().missing).toBe(step - samples.length);
      }),
    );
  });

  test('of a source slower than the model come between all samples', () => {
    expect(takeAll(grid([0, 3, 6, 9, 12]))).toEqual([of('first'), next(2), next(2), next(2), next(2)]);
  });

  test('longer than resetAfter reset the stream at the third sample', () => {
    expect(takeAll(grid([0, 1, 52, 53, 54, 55]))).toEqual([
      of('first'),
      next(),
      of('suspect'),
      of('suspect'),
      of('reset'),
      next(),
    ]);
    expect(takeAll(grid([0, 1, 50, 51]))).toEqual([of('first'), next(), next(48), next()]);
    expect(takeAll(grid([0, 1, 1e6]), { resetAfter: null })).toEqual([of('first'), next(), next(999_998)]);
  });
});

test.each([0.1, 0.3, 0.45, 0.6, 0.74, 0.76, 0.9, 0.99, 1.01, 1.1, 1.5, 2.3, 2.5, 12])(
  'the steps of a source of %d times the interval sum to the time that passed, within what the grid may follow',
  (rate) => {
    for (const jitter of [0, 0.3]) {
      const clock = newClock({ resample: true });
      let steps = 0;
      for (let i = 0; i < 5000; i++) {
        const { kind, missing } = clock.take(START + (i + jitter * Math.sin(i * i)) * rate * INTERVAL);
        if (kind === 'next') steps += 1 + missing;
      }
      expect(Math.abs(steps / (4999 * rate) - 1)).toBeLessThan(1 / 256 + 2 / (5000 * rate));
    }
  },
);

describe('a faster source', () => {
  test.each([2, 4, 10, 30])('at %d times the rate gives one step an interval, but for two at most', (rate) => {
    const times = upTo(rate * 500).map((i) => START + (i / rate) * INTERVAL);
    const kinds = takeAll(times, { resample: true }).map(({ kind, missing }) => {
      expect(missing).toBe(0);
      return kind;
    });
    const steps = kinds.filter((kind) => kind !== 'same-cell').length;
    expect(steps).toBeGreaterThanOrEqual(499);
    expect(steps).toBeLessThanOrEqual(502);
    // and once the rate is known each step has as many samples as the next
    const later = kinds
      .slice(rate * 100)
      .join(' ')
      .split('next')
      .slice(1, -1);
    expect(new Set(later).size).toBe(1);
  });

  test('is known as one after a long gap', () => {
    const times = grid([...upTo(300), ...upTo(300).map((i) => i + 460)], INTERVAL / 10);
    const kinds = takeAll(times, { resample: true }).map(({ kind }) => kind);
    const later = kinds.slice(300).join(' ').split('next').slice(2, -1);
    expect(later.length).toBeGreaterThan(25);
    expect(new Set(later)).toEqual(new Set([` ${'same-cell '.repeat(9)}`]));
  });

  test('with lost and jittered samples keeps to the time that passed', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.nat(9)),
        fc.infiniteStream(fc.double({ min: -0.3, max: 0.3, noNaN: true })),
        (chance, jitter) => {
          const clock = newClock({ resample: true });
          let steps = 0;
          for (let i = 0; i < 2000; i++) {
            if (chance.next().value === 0) continue;
            const { kind, missing } = clock.take(START + ((i + jitter.next().value!) / 5) * INTERVAL);
            if (kind === 'next') steps += 1 + missing;
          }
          expect(Math.abs(steps - 400)).toBeLessThanOrEqual(3);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('is thinned to one sample a step without resampling', () => {
    expect(takeAll(grid([0, 1, 1.1, 2, 2.1, 3]))).toEqual([
      of('first'),
      next(),
      of('duplicate'),
      next(),
      of('duplicate'),
      next(),
    ]);
  });
});

describe('samples out of order', () => {
  test('within the lateness get the place they belong to', () => {
    const window = 8;
    const lag = fc.record({ lag: fc.nat(window), off: fc.double({ min: -0.09, max: 0.09, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(lag, { minLength: 2, maxLength: 100 }), (lags) => {
        // a sample comes `lag` steps after its time, so no other that came before it is newer by more
        const order = lags
          .map(({ lag, off }, step) => ({ step, off, comes: step + lag }))
          .sort((a, b) => a.comes - b.comes);
        const clock = newClock({ lateness: window * INTERVAL });
        let newest = order[0]!.step;
        order.forEach(({ step, off }, i) => {
          const arrival = clock.take(START + (step + off) * INTERVAL);
          if (i === 0) return expect(arrival).toEqual(of('first'));
          if (step > newest) expect(arrival).toEqual(next(step - newest - 1));
          else expect(arrival).toEqual({ kind: 'late', missing: 0, back: newest - step });
          newest = Math.max(newest, step);
        });
      }),
    );
  });

  test('are duplicates where a sample was, also where a late one was, and too late beyond the window', () => {
    const clock = newClock({ lateness: 3 * INTERVAL });
    expect(grid([0, 1, 4, 4, 1, 3, 3, 2, 0, 5]).map(clock.take)).toEqual([
      of('first'),
      next(),
      next(2),
      of('duplicate'),
      of('duplicate'),
      { kind: 'late', missing: 0, back: 1 },
      of('duplicate'),
      { kind: 'late', missing: 0, back: 2 },
      of('too-late'),
      next(),
    ]);
    expect(clock.counts()).toEqual({
      missing: 2,
      late: 2,
      refined: 0,
      duplicates: 3,
      tooLate: 1,
      suspects: 0,
      rebases: 0,
      resets: 0,
    });
    expect(clock.latest()).toBe(START + 5 * INTERVAL);
  });

  test('have their lateness counted in whole intervals, also where 0.3 / 0.1 is not quite 3', () => {
    const clock = newClock({ interval: 0.1, lateness: 0.3 });
    expect([1000, 1000.4, 1000.1].map(clock.take).at(-1)).toEqual({ kind: 'late', missing: 0, back: 3 });
  });

  test('are taken as they come when the model knows no interval', () => {
    const times = [5, 5, 700, 3, 900].map((ms) => START + ms);
    expect(takeAll(times, { interval: null })).toEqual([of('first'), of('duplicate'), next(), of('too-late'), next()]);
  });
});

test('a source slower than resetAfter is reset with each sample, once it is known to be slow', () => {
  const kinds = takeAll(grid(upTo(100).map((i) => 60 * i))).map(({ kind }) => kind);
  expect(kinds.slice(0, 50)).toEqual(['first', ...Array(49).fill('suspect')]);
  expect(kinds.slice(50)).toEqual(Array(50).fill('reset'));
});

test('a copy of the row and the ring is a copy of the stream, and clocks share nothing else', () => {
  const clock = new StreamClock({ ...OPTIONS, lateness: 5 * INTERVAL, resample: true });
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 120, noNaN: true }), { minLength: 4, maxLength: 60 }), (steps) => {
      const take = (row: Float64Array, ring: Float64Array, some: number[]) =>
        grid(some).map((time) => ({ ...clock.take(row, 0, ring, 0, time) }));
      const half = steps.length >> 1;
      const row = new Float64Array(clock.size);
      const ring = new Float64Array(clock.ringSize);
      clock.reset(row, 0);
      take(row, ring, steps.slice(0, half));
      const [copy, ringCopy] = [row.slice(), ring.slice()];
      const went = take(row, ring, steps.slice(half));
      expect(take(copy, ringCopy, steps.slice(half))).toEqual(went);
      expect([copy, ringCopy]).toEqual([row, ring]);
      expect(
        sameSteps(clock, { row: row, at: 0, ring: ring, ringAt: 0 }, { row: row, at: 0, ring: ringCopy, ringAt: 0 }),
      ).toBe(true);
    }),
  );
});

test('a row of some steps ago finds its steps in the ring of now, whatever came since', () => {
  const history = 12;
  const clock = new StreamClock({ ...OPTIONS, lateness: 5 * INTERVAL, history });
  const steps = fc.array(fc.nat(30), { minLength: 1, maxLength: 40 });
  const kinds = new Set<string>();
  fc.assert(
    fc.property(steps, fc.array(fc.integer({ min: -20, max: 5 }), { maxLength: 12 }), steps, (before, since, then) => {
      const row = new Float64Array(clock.size);
      const ring = new Float64Array(clock.ringSize);
      clock.reset(row, 0);
      for (const time of grid(before)) clock.take(row, 0, ring, 0, time);
      const [old, own] = [row.slice(), ring.slice()];
      let taken = 0;
      for (const by of since) {
        const { kind, missing } = clock.take(row, 0, ring, 0, clock.latest(row, 0) + by * INTERVAL);
        kinds.add(kind);
        if (kind === 'next' || kind === 'rebase') taken += 1 + missing;
        fc.pre(taken <= history && kind !== 'late'); // a late sample is known to earlier rows too
      }
      const other = old.slice();
      expect(
        sameSteps(clock, { row: old, at: 0, ring: own, ringAt: 0 }, { row: old, at: 0, ring: ring, ringAt: 0 }),
      ).toBe(true);
      for (const time of grid(then)) {
        expect({ ...clock.take(old, 0, own, 0, time) }).toEqual({ ...clock.take(other, 0, ring, 0, time) });
      }
    }),
  );
  expect(kinds).toContain('rebase');
});

test.each([
  [{ interval: 0 }, /interval/],
  [{ interval: '5m' }, /interval/],
  [{ lateness: -1 }, /lateness/],
  [{ lateness: 1e9 }, /65536 intervals/],
  [{ interval: null, lateness: 1 }, /without an interval/],
  [{ tolerance: 0.5 }, /tolerance/],
  [{ resetAfter: 'soon' }, /resetAfter/],
  [{ resetAfter: undefined }, /resetAfter/],
  [{ latenes: 5 }, /lateness/],
])('options %j are refused', (changes, message) => {
  expect(() => new StreamClock({ ...OPTIONS, ...changes } as ClockOptions)).toThrow(
    gatecastError('invalid-argument', message),
  );
});

const folder = fileURLToPath(new URL('../../../shared/data/nab/', import.meta.url));
const here = existsSync(folder);
if (!here) console.warn(`SKIPPED: the tests of real clocks need ${folder}`);

function stampsOf(file: string): number[] {
  const rows = readFileSync(folder + file, 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  return rows.map((row) => Date.parse(`${row.slice(0, 19).replace(' ', 'T')}Z`));
}

/** All arrivals but plain next ones, with their rows. */
function oddOnes(arrivals: readonly Arrival[]): [number, Arrival][] {
  return arrivals.flatMap((arrival, i) => (arrival.kind === 'next' && arrival.missing === 0 ? [] : [[i, arrival]]));
}

test.skipIf(!here)(
  'the step back of 55 minutes in machine_temperature is a rebase and loses two of 22,695 rows',
  () => {
    const times = stampsOf('machine_temperature_system_failure.csv');
    expect(times).toHaveLength(22_695);
    expect(oddOnes(takeAll(times, { interval: 5 * MINUTE, resetAfter: '1d', lateness: '30m' }))).toEqual([
      [0, of('first')],
      [10_149, of('too-late')],
      [10_150, of('too-late')],
      [10_151, { kind: 'rebase', missing: 2, back: 0 }],
    ]);
  },
);

test.skipIf(!here)('the ten gaps of ambient_temperature, of 2 to 174 hours, are all that is odd in it', () => {
  const times = stampsOf('ambient_temperature_system_failure.csv');
  const [first, ...gaps] = oddOnes(takeAll(times, { interval: HOUR, resetAfter: null }));
  expect(first).toEqual([0, of('first')]);
  const hours = gaps.map(([, { kind, missing }]) => (kind === 'next' ? missing + 1 : Number.NaN));
  expect(hours).toHaveLength(10);
  expect([Math.min(...hours), Math.max(...hours)]).toEqual([2, 174]);
  const span = (times.at(-1)! - times[0]!) / HOUR;
  expect(times.length - 1 + hours.reduce((sum, gap) => sum + gap - 1, 0)).toBe(span);
});
