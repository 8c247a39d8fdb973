import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Arrival } from '../../lib/time/arrival.ts';
import {
  START,
  MINUTE,
  HOUR,
  INTERVAL,
  newClock,
  takeAll,
  next,
  of,
  grid,
  upTo,
  unbroken,
  jitters,
} from './clock-set-up.ts';

describe('clocks that jump', () => {
  const lateness = 10 * INTERVAL;

  test('a source that is silent now and then is heard from the third sample on, each time', () => {
    const bursts = upTo(20).map((burst) => upTo(15).map((i) => 1000 * burst + i));
    const kinds = takeAll(grid(bursts.flat())).map(({ kind }) => kind);
    const heard = ['suspect', 'suspect', 'reset', ...Array.from({ length: 12 }, () => 'next')];
    for (const burst of upTo(20).slice(1)) expect(kinds.slice(15 * burst, 15 * burst + 15)).toEqual(heard);
  });
  const jump = fc.oneof(
    fc.double({ min: 51, max: 1e9, noNaN: true }),
    fc.double({ min: -1e9, max: -12, noNaN: true }),
    fc.constantFrom((24 * HOUR) / INTERVAL, (-24 * HOUR) / INTERVAL, HOUR / INTERVAL, -HOUR / INTERVAL),
  );

  test('once leave all other samples as if the bad stamp had never come', () => {
    fc.assert(
      fc.property(jitters(0.09), fc.nat(), jump, (offsets, place, by) => {
        const times = offsets.map((offset, i) => START + (i + offset) * INTERVAL);
        const bad = 1 + (place % (times.length - 1));
        const without = takeAll(times.toSpliced(bad, 1), { lateness });
        const kinds = takeAll(times.with(bad, times[bad]! + by * INTERVAL), { lateness });
        expect(kinds[bad]).toEqual(of(by > 0 ? 'suspect' : 'too-late'));
        expect(kinds.toSpliced(bad, 1)).toEqual(without);
      }),
    );
  });

  test.each([
    ['far apart', [2000, 4000, 6000]],
    ['backwards', [2002, 2001, 2000]],
    ['ahead and back', [2000, -2000, 2001]],
    ['the same', [2000, 2000, 2000]],
  ])('are not believed for three stamps %s', (_, [a, b, c]) => {
    const arrivals = takeAll(grid([0, 1, 2, a!, b!, c!, 6]), { lateness });
    expect(arrivals.slice(3, 6).every(({ kind }) => kind === 'suspect' || kind === 'too-late')).toBe(true);
    expect(arrivals.at(-1)).toEqual(next(3));
  });

  test('are not believed while samples of the old time come between', () => {
    const kinds = takeAll(grid([0, 2000, 1, 2001, 2, 2002, 3, 2003])).map(({ kind }) => kind);
    expect(kinds).toEqual(['first', 'suspect', 'next', 'suspect', 'next', 'suspect', 'next', 'suspect']);
  });

  test('for good cost two samples, wherever and by however much', () => {
    fc.assert(
      fc.property(jitters(0.09), fc.nat(), jump, (offsets, place, by) => {
        fc.pre(by > 0 || by < -14); // less is within the lateness before it is believed
        const cut = 1 + (place % offsets.length);
        const times = [...offsets, 0, 0, 0, 0, 0].map(
          (offset, i) => START + (i + offset + (i < cut ? 0 : by)) * INTERVAL,
        );
        const believed = by > 0 ? of('reset') : { kind: 'rebase', missing: 2, back: 0 };
        const doubted = of(by > 0 ? 'suspect' : 'too-late');
        expect(takeAll(times, { lateness })).toEqual([
          ...unbroken(cut),
          doubted,
          doubted,
          believed,
          ...unbroken(times.length - cut - 2).slice(1),
        ]);
      }),
    );
  });

  test('back by an hour at the end of summer time go on after two samples', () => {
    const times = upTo(30).map((i) => START + i * 5 * MINUTE - (i < 15 ? 0 : HOUR));
    const clock = newClock({ interval: 5 * MINUTE, resetAfter: '6h', lateness: '15m' });
    const kinds = times.map((time) => clock.take(time).kind);
    expect(kinds.slice(15)).toEqual(['too-late', 'too-late', 'rebase', ...Array.from({ length: 12 }, () => 'next')]);
    expect(clock.counts()).toMatchObject({ missing: 2, tooLate: 2, rebases: 1 });
  });

  test('are not to be seen in a backlog that comes after newer samples, nor set back by it', () => {
    const live = [0, 1, 32, 33];
    const backlog = Array.from({ length: 20 }, (_, i) => 2 + i);
    const afterGap = takeAll(grid([...live, ...backlog, 34]), { lateness });
    expect(afterGap.slice(4, -1)).toEqual(backlog.map(() => of('too-late')));
    expect(afterGap.at(-1)).toEqual(next());
    // and the same after a silence that reset the stream
    const afterReset = takeAll(grid([0, 1, 100, 101, 102, ...backlog, 103]), { lateness });
    expect(afterReset.slice(5, -1)).toEqual(backlog.map(() => of('too-late')));
    expect(afterReset.at(-1)).toEqual(next());
  });

  test('back leave no open steps behind that samples of the new time could fall into', () => {
    const times = grid([100, 101, 102, 50, 51, 52, 51, 50, 48, 53]);
    expect(takeAll(times, { lateness }).slice(5)).toEqual([
      { kind: 'rebase', missing: 2, back: 0 },
      of('duplicate'),
      of('duplicate'),
      of('duplicate'),
      next(),
    ]);
  });

  test('back by less than the lateness cost no more than the time until the clock has caught up', () => {
    const times = grid([0, 1, 2, 3, 4, 5, 6, 3, 4, 5, 6, 7, 8]);
    const kinds = takeAll(times, { lateness }).map(({ kind }) => kind);
    expect(kinds.slice(7)).toEqual(['duplicate', 'duplicate', 'duplicate', 'duplicate', 'next', 'next']);
  });
});

describe('a clock that was believed and was wrong', () => {
  const years = 1e9;
  const taken = (kinds: readonly Arrival[]) =>
    kinds.map(({ kind }) => kind !== 'too-late' && kind !== 'suspect' && kind !== 'duplicate');

  test('costs five more samples when it is right again, if these leave exactly the room that the false ones took', () => {
    const arrivals = takeAll(grid([...upTo(100), years, years + 1, years + 2, ...upTo(50).map((i) => 103 + i)]));
    expect(arrivals.slice(100, 110).map(({ kind }) => kind)).toEqual([
      'suspect',
      'suspect',
      'reset',
      ...Array(5).fill('too-late'),
      'rebase',
      'next',
    ]);
    expect(arrivals.slice(109)).toEqual(Array.from({ length: 44 }, () => next()));
  });

  test('costs two when it was ahead by less than resetAfter', () => {
    const kinds = takeAll(grid([0, 1, 2, 23, 24, 5, 6, 7, 8])).map(({ kind }) => kind);
    expect(kinds).toEqual(['first', 'next', 'next', 'next', 'next', 'too-late', 'too-late', 'rebase', 'next']);
  });

  test('is believed after resetAfter or 100 samples if its samples could also be a backlog', () => {
    for (const [resetAfter, limit] of [
      [50, 50],
      [1000, 100],
    ] as const) {
      const times = grid([0, 1, 2000, 2001, 2002, ...upTo(300).map((i) => 2 + i)]);
      const heard = taken(takeAll(times, { resetAfter: resetAfter * INTERVAL }).slice(5));
      expect(heard).toEqual([...Array(limit - 1).fill(false), ...Array(301 - limit).fill(true)]);
    }
  });

  test('back by less than the lateness is heard after 100 samples at the latest', () => {
    const times = grid([...upTo(400), ...upTo(300).map((i) => 50 + i)]);
    const arrivals = takeAll(times, { lateness: 390 * INTERVAL, resetAfter: 1000 * INTERVAL }).slice(400);
    expect(arrivals[98]).toEqual(of('duplicate'));
    expect(arrivals[99]).toEqual({ kind: 'rebase', missing: 99, back: 0 });
    expect(arrivals.slice(100)).toEqual(Array.from({ length: 200 }, () => next()));
  });

  test.each([
    ['seconds', 1e-3],
    ['minutes', 1e-3 / 60],
  ])('in %s is never believed, and those that follow are as if none had come', (_, unit) => {
    const times = grid(upTo(500)).map((time, i) => (i >= 100 && i < 300 ? time * unit : time));
    const arrivals = takeAll(times, { resetAfter: 300 * INTERVAL });
    expect(taken(arrivals)).toEqual([...Array(100).fill(true), ...Array(200).fill(false), ...Array(200).fill(true)]);
    expect(arrivals[300]).toEqual(next(200));
  });
});

describe('two sources in one stream', () => {
  const far = fc.oneof(fc.integer({ min: 300, max: 1e9 }), fc.integer({ min: -1e9, max: -300 }));

  test('do not set the clock to and fro, however their samples are mixed', () => {
    fc.assert(
      fc.property(far, fc.integer({ min: 1, max: 12 }), fc.boolean(), (apart, burst, atOnce) => {
        const clock = newClock();
        const taken = [0, 0];
        for (let i = 0; i < 1000; i++) {
          const who = Math.floor(i / burst) % 2;
          const step = atOnce ? taken[who]!++ : i;
          clock.take(START + (step + who * apart) * INTERVAL);
        }
        const { resets, rebases } = clock.counts();
        expect(resets + rebases).toBeLessThanOrEqual(3);
      }),
    );
  });
});
