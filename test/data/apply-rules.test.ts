import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyRules,
  applyRulesInOrder,
  type RulesReport,
  type SegmentChunk,
} from '../../lib/data/rules/apply-rules.ts';
import type { RulesOptions } from '../../lib/data/rules/rules-options.ts';
import { seriesOf } from '../../lib/data/series.ts';
import { joinTables, type Table } from '../../lib/data/table.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { chance, concat, DAY, messyTimes, MINUTE, reorder, START, tableOf, upTo } from './rules-set-up.ts';

const none = Number.NaN;
const minutes = (...steps: number[]) => steps.map((step) => START + step * MINUTE);

describe('order', () => {
  test('a regular table passes as it is', () => {
    const table = tableOf(minutes(...upTo(100)));
    const { segments, report } = applyRules(table);
    expect(segments[0]).toBe(table);
    expect(report).toEqual({
      series: 1,
      rows: 100,
      interval: MINUTE,
      untimed: 0,
      newestFirst: 0,
      moved: 0,
      outlying: [],
      duplicates: 0,
      tooLate: 0,
      suspects: 0,
      missing: 0,
      segments: 1,
    });
  });

  test('any order of the rows gives the same tables, to the bit', () => {
    const rules = fc.constantFrom<RulesOptions>(
      { interval: MINUTE },
      { interval: null },
      { every: '3m' },
      { every: '7m', how: 'interpolate' },
    );
    fc.assert(
      fc.property(
        messyTimes,
        fc.array(fc.nat(), { minLength: 200, maxLength: 200 }),
        rules,
        (steps, chances, options) => {
          const table = tableOf([...new Set(steps.map((step) => START + step * MINUTE))]);
          const order = upTo(table.at!.length).sort((a, b) => chances[a]! - chances[b]! || a - b);
          expect(applyRules(reorder(table, order), options).segments).toEqual(applyRules(table, options).segments);
        },
      ),
    );
  });

  test('also with rows of the same time, of which the mean is taken', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 1 }), fc.array(fc.nat(), { minLength: 12 }), (steps, chances) => {
        const table = tableOf(
          minutes(...steps),
          steps.map((_, i) => Math.sin(i)),
        );
        const order = upTo(steps.length).sort((a, b) => (chances[a] ?? 0) - (chances[b] ?? 0) || b - a);
        const options = { interval: MINUTE, duplicates: 'mean' } as const;
        expect(applyRules(reorder(table, order), options).segments).toEqual(applyRules(table, options).segments);
      }),
    );
  });

  test('rows that came late are counted; those of the same time keep their order', () => {
    const { segments, report } = applyRules(tableOf(minutes(0, 1, 3, 2, 4, 4, 2)));
    expect([...segments[0]!.columns[0]!]).toEqual([0, 1, 3, 2, 4]);
    expect(report).toMatchObject({ moved: 2, newestFirst: 0, duplicates: 2 });
  });

  test('newest first is reversed: the older of two rows of the same time is the one written later', () => {
    const { segments, report } = applyRules(tableOf(minutes(3, 2, 1, 1, 0)));
    expect([...segments[0]!.columns[0]!]).toEqual([4, 3, 1, 0]);
    expect(report).toMatchObject({ moved: 0, newestFirst: 1, duplicates: 1 });
  });

  test('is refused on request', () => {
    const late = gatecastError(
      'invalid-data',
      /row 4 is the first that goes back: 2 of 6 rows come after a later one\./,
    );
    expect(() => applyRules(tableOf(minutes(0, 1, 3, 2, 4, 0)), { order: 'refuse' })).toThrow(late);
    const reverse = gatecastError('invalid-data', /in the series "x" but row 2 .*: all rows are newest first\./);
    expect(() => applyRules(tableOf(minutes(2, 1, 0)), { order: 'refuse' }, 'the series "x"')).toThrow(reverse);
    expect(applyRules(tableOf(minutes(0, 1, 2)), { order: 'refuse' }).segments).toHaveLength(1);
  });

  test('rows without a time are left out and counted; a table without times stays', () => {
    const { segments, report } = applyRules(tableOf([none, ...minutes(0, 1), none, ...minutes(2)]));
    expect([...segments[0]!.columns[0]!]).toEqual([1, 2, 4]);
    expect(report).toMatchObject({ rows: 5, untimed: 2, moved: 0 });
    const { at, ...timeless } = tableOf(minutes(0, 1));
    expect(at).toBeDefined();
    expect(applyRules(timeless).segments[0]).toBe(timeless);
  });
});

describe('times', () => {
  test.each([1970, 2099])('single stamps of %i are left out, wherever they stand', (year) => {
    for (const place of [0, 17, 199]) {
      const at = minutes(...upTo(200));
      at[place] = Date.UTC(year, 0, 1);
      const { segments, report } = applyRules(tableOf(at));
      expect(segments).toHaveLength(1);
      expect(report).toMatchObject({ outlying: [Date.UTC(year, 0, 1)], interval: MINUTE, suspects: 0 });
      expect([...segments[0]!.columns[0]!].filter((value) => !Number.isNaN(value))).toHaveLength(199);
    }
  });

  test('a clock that starts in 1970 makes a segment of its own, not a gap of decades', () => {
    const at = [...upTo(20).map((i) => i * MINUTE), ...minutes(...upTo(200))];
    const { segments, report } = applyRules(tableOf(at));
    expect(segments.map((table) => table.at!.length)).toEqual([20, 198]);
    expect(report).toMatchObject({ interval: MINUTE, missing: 0, suspects: 2 });
  });

  test('short runs of rows with long pauses are segments, and each loses two rows, not more', () => {
    const at = upTo(20).flatMap((run) => upTo(30).map((i) => START + (600 * run + i) * MINUTE));
    const { segments, report } = applyRules(tableOf(at));
    expect(segments.map((table) => table.at!.length)).toEqual([30, ...Array(19).fill(28)]);
    expect(report).toMatchObject({ suspects: 38 });
  });

  test('forty minutes without a row are forty missing steps; after more than maxGap a segment begins', () => {
    const at = minutes(...upTo(300).filter((i) => i < 100 || i >= 140));
    const filled = applyRules(tableOf(at));
    expect(filled.segments).toHaveLength(1);
    expect(filled.report).toMatchObject({ missing: 40 });
    expect([...filled.segments[0]!.at!]).toEqual(minutes(...upTo(300)));
    const split = applyRules(tableOf(at), { maxGap: '30m' });
    expect(split.segments.map((table) => table.at!.length)).toEqual([100, 158]);
    expect(applyRules(tableOf(minutes(...upTo(50), 5000, 5001, 5002)), { maxGap: null }).report.missing).toBe(4950);
  });

  test('months are even: none is missing, none is left out', () => {
    const table = tableOf(upTo(240).map((month) => Date.UTC(2000, month, 1)));
    expect(applyRules(table).segments[0]).toBe(table);
  });

  test('working days have missing weekends', () => {
    const days = upTo(100).filter((day) => day % 7 < 5);
    expect(applyRules(tableOf(days.map((day) => START + day * DAY))).report).toMatchObject({
      missing: 28,
      interval: DAY,
    });
  });

  test('uneven times are refused, unless they are resampled or taken as they come', () => {
    let at = START;
    const times = upTo(500).map((i) => (at -= 40_000 * Math.log(1 - chance(i))));
    const table = tableOf(times);
    const refused = gatecastError(
      'invalid-data',
      /^Expected rows at even times in the table but only \d+ % .* '1m' \(--every 1m\)\.$/,
    );
    expect(() => applyRules(table)).toThrow(refused);
    expect(applyRules(table, { interval: null }).segments[0]).toBe(table);
    const { segments, report } = applyRules(table, { every: '1m' });
    expect(report).toMatchObject({ interval: MINUTE, segments: 1 });
    const [even] = segments;
    expect([...even!.at!]).toEqual(upTo(even!.at!.length).map((i) => Math.floor(times[0]! / MINUTE + i) * MINUTE));
  });

  test('one row, and none, are tables too', () => {
    expect(applyRules(tableOf(minutes(0))).report).toMatchObject({ rows: 1, interval: null, segments: 1 });
    expect(applyRules(tableOf([]))).toMatchObject({ segments: [{ at: new Float64Array() }] });
    expect(applyRules(tableOf([]), { every: '1m' })).toMatchObject({ segments: [], report: { rows: 0 } });
  });
});

describe('in chunks', () => {
  const inOrder = fc.array(fc.oneof(fc.constant(1), fc.double({ min: 0, max: 200, noNaN: true })), {
    minLength: 1,
    maxLength: 120,
  });

  async function chunked(parts: ReadonlyMap<string, readonly Table[]>, options: RulesOptions) {
    const reports = new Map<string, RulesReport>();
    const chunks: SegmentChunk[] = [];
    async function* source() {
      for (const [key, tables] of parts) for (const table of tables) yield { ...table, key };
    }
    for await (const chunk of applyRulesInOrder(source(), options, (key, report) => reports.set(key, report)))
      chunks.push(chunk);
    return { chunks, reports };
  }

  test('rows in order come out as from the whole table', async () => {
    await fc.assert(
      fc.asyncProperty(
        inOrder,
        fc.nat(),
        fc.constantFrom<RulesOptions>({ interval: MINUTE }, { every: '5m' }),
        async (steps, cut, options) => {
          let at = START;
          const table = tableOf(steps.map((step) => (at += step * MINUTE)));
          const whole = applyRules(table, options);
          fc.pre(whole.report.outlying.length === 0);
          const place = cut % (steps.length + 1);
          const parts = [concat(table, 0, place), concat(table, place, steps.length)];
          const { chunks, reports } = await chunked(new Map([['k', parts]]), options);
          const numbers = [...new Set(chunks.map(({ segment }) => segment))];
          expect(numbers).toEqual(upTo(whole.segments.length));
          const segments = numbers.map((number) => {
            const { key, segment, ...joined } = joinTables(
              chunks.filter((one) => one.segment === number),
            ) as SegmentChunk;
            expect([key, segment]).toEqual(['k', number]);
            return joined;
          });
          expect(segments).toEqual(whole.segments);
          expect(reports.get('k')).toEqual(whole.report);
        },
      ),
    );
  });

  test('a row that goes back, or has no time, is left out', async () => {
    const { chunks, reports } = await chunked(
      new Map([['k', [tableOf([...minutes(0, 1, 2), none, ...minutes(1, 3)])]]]),
      { interval: MINUTE },
    );
    expect([...joinTables(chunks).columns[0]!]).toEqual([0, 1, 2, 5]);
    expect(reports.get('k')).toMatchObject({ rows: 6, untimed: 1, tooLate: 1 });
  });

  test('a row that goes back is refused on request', async () => {
    const rows = new Map([['k', [tableOf(minutes(0, 1, 2)), tableOf(minutes(1, 3))]]]);
    const refused = gatecastError('invalid-data', /time order in the series "k" but a row goes back/);
    await expect(chunked(rows, { interval: MINUTE, order: 'refuse' })).rejects.toThrow(refused);
  });

  test('the interval must be known', async () => {
    const chunks = applyRulesInOrder(seriesOf(tableOf(minutes(0, 1))), {});
    await expect(chunks.next()).rejects.toThrow('Expected an interval or null for options.interval');
  });
});

describe('options', () => {
  const table = tableOf(minutes(0, 1, 2));

  test.each([
    [{ order: 'random' }, "'sort' or 'refuse' for options.order"],
    [{ duplicates: 'median' }, "'first' or 'last' or 'mean' or 'refuse' for options.duplicates"],
    [{ every: '5 min' }, 'for options.every'],
    [{ every: 0 }, 'a number from 1 to 1000000000000000 for options.every'],
    [{ every: '5m', how: 'median' }, 'for options.how'],
    [{ every: '5m', how: { a: 'median' } }, 'for options.how.a'],
    [{ how: 'mean' }, 'a length of steps, because how is given, for options.every'],
    [{ every: '5m', interval: '5m' }, 'no value beside every for options.interval'],
    [{ interval: '0s' }, 'for options.interval'],
    [{ maxGap: -1 }, 'for options.maxGap'],
    [{ offsetAt: 3600 }, 'a function for options.offsetAt'],
    [{ maxgap: 1 }, 'Did you mean maxGap?'],
  ])('%j is refused', (options, sentence) => {
    expect(() => applyRules(table, options as RulesOptions)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining(sentence) }),
    );
  });
});
