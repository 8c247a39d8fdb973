import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeriesSurvey } from '../../lib/data/rules/series-survey.ts';
import type { SeriesFacts } from '../../lib/data/rules/series-track.ts';
import { chance, DAY, MINUTE, START, upTo } from './rules-set-up.ts';

const time = (step: number) => START + step * MINUTE;

/** What is found for one series; its first row is in line 2. */
function facts(times: readonly number[], contents: readonly number[] = []): SeriesFacts {
  const survey = new SeriesSurvey();
  for (const [i, at] of times.entries()) survey.add('', at, i + 2, contents[i]);
  return survey.series().next().value!;
}

describe('a series', () => {
  test('of even rows', () => {
    expect(facts(upTo(1000).map(time))).toEqual({
      key: '',
      rows: 1000,
      untimed: 0,
      first: { at: time(0), line: 2 },
      last: { at: time(999), line: 1001 },
      newestFirst: false,
      outOfOrder: 0,
      firstOutOfOrder: undefined,
      duplicates: 0,
      firstDuplicate: undefined,
      differing: undefined,
      outlying: [],
      spacing: { interval: MINUTE, within1: 1, within50: 1, even: true },
      holes: { count: 0, longest: undefined, first: undefined },
    });
  });

  test('with holes, early and late', () => {
    for (const count of [100, 5000]) {
      const kept = upTo(count).filter((i) => !(i >= 10 && i < 13) && !(i >= 50 && i < 90) && i !== 95);
      const { holes, spacing } = facts(kept.map(time));
      expect(spacing.interval).toBe(MINUTE);
      expect(holes).toEqual({
        count: 3,
        first: { length: 4 * MINUTE, line: kept.indexOf(13) + 2 },
        longest: { length: 41 * MINUTE, line: kept.indexOf(90) + 2 },
      });
    }
  });

  test('newest first, with a hole', () => {
    for (const count of [9, 2000]) {
      const rows = upTo(count).filter((i) => i !== 4);
      expect(facts(rows.map((i) => time(-i)))).toMatchObject({
        newestFirst: true,
        outOfOrder: 0,
        first: { at: time(1 - count) },
        last: { at: time(0), line: 2 },
        spacing: { interval: MINUTE },
        holes: { count: 1, longest: { length: 2 * MINUTE, line: 6 } },
      });
    }
  });

  test('with late rows: neither they nor the rows after them are holes', () => {
    const rows = upTo(500).map((i) => (i % 100 === 50 ? time(i - 20) + 7 : time(i)));
    expect(facts(rows)).toMatchObject({
      outOfOrder: 5,
      firstOutOfOrder: 52,
      holes: { count: 5, longest: { length: 2 * MINUTE, line: 53 } }, // where the late rows are missing
      spacing: { interval: MINUTE },
    });
  });

  test('with rows sent twice, equal and different', () => {
    const rows = [0, 1, 1, 2, 2, 2, 3, 4].map(time);
    expect(facts(rows)).toMatchObject({ duplicates: 3, firstDuplicate: 4, differing: undefined });
    expect(facts(rows, [5, 6, 6, 7, 7, 8, 9, 9])).toMatchObject({ duplicates: 3, differing: 1 });
  });

  test('with rows without a time', () => {
    expect(facts([time(0), Number.NaN, time(1)])).toMatchObject({ rows: 3, untimed: 1, spacing: { interval: MINUTE } });
    expect(facts([Number.NaN])).toMatchObject({ untimed: 1, first: undefined, spacing: { interval: null } });
  });

  test.each([1970, 2099])('with single stamps of %i: outlying, and no gap of decades', (year) => {
    for (const places of [[150], [0], [299], [60, 61, 200]]) {
      const rows = upTo(300).map((i) => (places.includes(i) ? Date.UTC(year, 0, 1) + i : time(i)));
      const { outlying, holes, spacing, first, last } = facts(rows);
      expect(outlying.map(({ line }) => line)).toEqual(places.map((i) => i + 2));
      expect(spacing.interval).toBe(MINUTE);
      expect(holes.longest?.length ?? 0).toBeLessThanOrEqual(3 * MINUTE);
      expect(last!.at - first!.at).toBeLessThanOrEqual(299 * MINUTE);
    }
  });

  test('with stamps of 1970 and of 2099', () => {
    const rows = [0, ...upTo(300).map(time), Date.UTC(2099, 0, 1)];
    expect(facts(rows).outlying.map(({ line }) => line)).toEqual([2, 303]);
  });

  test('a long hole is one, and a week of data after it no outlying stamps', () => {
    const rows = [...upTo(50).map(time), ...upTo(50).map((i) => time(i) + 400 * DAY)];
    expect(facts(rows)).toMatchObject({ outlying: [], holes: { count: 1, longest: { line: 52 } } });
  });

  test('of months, quarters and years: the interval is the mean, on which no step drifts', () => {
    const months = upTo(120).map((i) => Date.UTC(2010, i, 1));
    const { interval, even } = facts(months).spacing;
    expect(interval).toBeCloseTo((months.at(-1)! - months[0]!) / 119, 3);
    expect(even).toBe(true);
  });

  test.each([0.7, 0.45, 0.3])('of which a share of %d is there, on a grid of minutes', (share) => {
    const kept = upTo(3000).filter((i) => chance(i) < share);
    expect(facts(kept.map(time)).spacing).toMatchObject({ interval: MINUTE, even: true });
  });

  test('with jitter is even, and with random times is not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -0.3, max: 0.3, noNaN: true }), { minLength: 100, maxLength: 400 }),
        (jitter) => {
          const { interval, even } = facts(jitter.map((off, i) => time(i + off))).spacing;
          expect(Math.abs(interval! / MINUTE - 1)).toBeLessThan(0.61);
          expect(even).toBe(true);
        },
      ),
    );
    let at = START;
    const random = upTo(2000).map((i) => (at -= MINUTE * Math.log(1 - chance(i))));
    expect(facts(random).spacing.even).toBe(false);
  });
});

describe('many series', () => {
  test('are told apart, and summed', () => {
    const survey = new SeriesSurvey();
    let line = 2;
    for (const i of upTo(100)) {
      survey.add('a', time(i), line++);
      survey.add('b', time(-i), line++);
      survey.add('c', time(5 * i), line++);
    }
    survey.add('a', time(50), line);
    expect(survey.facts()).toMatchObject({
      rows: 301,
      series: 3,
      unfollowed: 0,
      outOfOrder: 1,
      firstOutOfOrder: line,
      newestFirst: 1,
      spacing: { interval: MINUTE },
      otherIntervals: 1,
      inOrder: false,
    });
    expect([...survey.series()].map(({ key, rows }) => [key, rows])).toEqual([
      ['a', 101],
      ['b', 100],
      ['c', 100],
    ]);
  });

  test('beyond the most that can be followed are counted as rows', () => {
    const survey = new SeriesSurvey({ maxKeys: 3 });
    for (const i of upTo(10)) for (const key of ['a', 'b', 'c', 'd', 'e']) survey.add(key, time(i), i);
    expect(survey.facts()).toMatchObject({ rows: 50, series: 3, unfollowed: 20, inOrder: false });
    expect(() => new SeriesSurvey({ maxKeys: 0 })).toThrow('Expected a whole number from 1');
  });
});

test('the facts do not depend on how many rows there are: a hundred times as many, the same interval and holes', () => {
  const rows = upTo(30_000).filter((i) => i % 1000 !== 999);
  expect(facts(rows.map(time))).toMatchObject({ spacing: { interval: MINUTE, within1: 1 }, holes: { count: 29 } });
});
