import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyRules } from '../../lib/data/rules/apply-rules.ts';
import { bucketsOf } from '../../lib/data/rules/buckets.ts';
import { Resampler } from '../../lib/data/rules/resample.ts';
import type { ResampleRule } from '../../lib/data/rules/rules-options.ts';
import type { Table } from '../../lib/data/table.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { concat, DAY, MINUTE, START, upTo } from './rules-set-up.ts';

const none = Number.NaN;
const HOUR = 60 * MINUTE;
const HOWS: readonly ResampleRule[] = ['mean', 'last', 'sum', 'interpolate'];

/** One column for each rule, all with the same values. */
function tableOf(at: readonly number[], values: readonly number[]): Table {
  return { names: [...HOWS], columns: HOWS.map(() => Float64Array.from(values)), at: Float64Array.from(at) };
}

const byName = Object.fromEntries(HOWS.map((how) => [how, how]));

/** The offset of a zone by the calendar of Intl [ms]. */
function offsetOf(timeZone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (time) => {
    const text = format.formatToParts(time).find(({ type }) => type === 'timeZoneName')!.value;
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text)!;
    return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE;
  };
}

/** The rows of one segment by the definition: each step looks at all rows. */
function plainly(at: readonly number[], values: readonly number[], every: number, maxGap: number) {
  const present = at.map((time, i) => [time, values[i]!] as const).filter(([, value]) => !Number.isNaN(value));
  const first = Math.floor(at[0]! / every);
  return upTo(Math.floor(at.at(-1)! / every) - first + 1).map((i) => {
    const start = (first + i) * every;
    const within = present.filter(([time]) => time >= start && time < start + every).map(([, value]) => value);
    const sum = within.length > 0 ? within.reduce((a, b) => a + b) : none;
    const before = present.filter(([time]) => time <= start).at(-1);
    const after = present.find(([time]) => time >= start);
    let between = none;
    if (before && after && before[0] === after[0]) between = after[1];
    else if (before && after && after[0] - before[0] <= maxGap) {
      between = before[1] + ((after[1] - before[1]) * (start - before[0])) / (after[0] - before[0]);
    }
    return { start, numbers: [sum / within.length, within.at(-1) ?? none, sum, between] };
  });
}

const rows = fc
  .array(
    fc.record({
      step: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200 })),
      value: fc.oneof(
        { arbitrary: fc.integer({ min: -1000, max: 1000 }), weight: 4 },
        { arbitrary: fc.constant(none), weight: 1 },
      ),
    }),
    { minLength: 1, maxLength: 80 },
  )
  .map((list) => {
    let at = START;
    return list.map(({ step, value }) => ({ at: (at += step * 1000), value }));
  });

describe('resampling', () => {
  test('equals a plain search over all rows for each step', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 90 }), fc.integer({ min: 30, max: 300 }), (list, seconds, gap) => {
        const every = seconds * 1000;
        const at = list.map((row) => row.at);
        const values = list.map(({ value }) => value);
        const { segments, report } = applyRules(tableOf(at, values), { every, how: byName, maxGap: gap * 1000 });
        const ends = [
          ...upTo(at.length - 1).filter((i) => apart(at[i]!, at[i + 1]!, every, gap * 1000)),
          at.length - 1,
        ];
        expect(segments).toHaveLength(ends.length);
        expect(report).toMatchObject({ rows: at.length, interval: every, segments: ends.length });
        for (const [i, end] of ends.entries()) {
          const from = i === 0 ? 0 : ends[i - 1]! + 1;
          const expected = plainly(at.slice(from, end + 1), values.slice(from, end + 1), every, gap * 1000);
          const { at: starts, columns } = segments[i]!;
          expect([...starts!]).toEqual(expected.map(({ start }) => start));
          for (const [column, held] of columns.entries()) {
            for (const [row, { numbers }] of expected.entries()) expectNear(held[row]!, numbers[column]!);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  const apart = (one: number, next: number, every: number, gap: number) =>
    next - one > gap && Math.floor(one / every) !== Math.floor(next / every);
  const expectNear = (value: number, expected: number) =>
    Number.isNaN(expected) ? expect(value).toBeNaN() : expect(value).toBeCloseTo(expected, 8);

  test('in chunks gives the same bits', () => {
    fc.assert(
      fc.property(rows, fc.array(fc.nat()), (list, cuts) => {
        const table = tableOf(
          list.map(({ at }) => at),
          list.map(({ value }) => value),
        );
        const options = { every: 30_000, how: byName, maxGap: 120_000, offsetAt: undefined };
        const ends = [0, ...cuts.map((cut) => cut % (list.length + 1)).sort((a, b) => a - b), list.length];
        const taken = (places: readonly number[]) => {
          const resampler = new Resampler(options, table);
          const parts: number[][] = [];
          const keep = (end: boolean) => {
            for (const { segment, table: part } of resampler.take(end)) {
              for (const [row, time] of part.at!.entries()) {
                parts.push([segment, time, ...part.columns.map((column) => column[row]!)]);
              }
            }
          };
          for (const [i, from] of places.slice(0, -1).entries()) {
            resampler.add(concat(table, from, places[i + 1]!));
            keep(false);
          }
          keep(true);
          return parts;
        };
        expect(taken(ends)).toEqual(taken([0, list.length]));
      }),
    );
  });

  test('irregular rows to five minutes, by hand', () => {
    const at = [1, 4, 6, 19, 21].map((minutes) => START + minutes * MINUTE);
    const { segments } = applyRules(tableOf(at, [1, 3, 10, none, 5]), { every: '5m', how: byName });
    expect(segments).toHaveLength(1);
    expect([...segments[0]!.at!]).toEqual([0, 5, 10, 15, 20].map((minutes) => START + minutes * MINUTE));
    expect(segments[0]!.columns.map((column) => [...column])).toEqual([
      [2, 10, none, none, 5],
      [3, 10, none, none, 5],
      [4, 10, none, none, 5],
      [
        none,
        6.5,
        expect.closeTo(10 - (5 * 4) / 15, 10),
        expect.closeTo(10 - (5 * 9) / 15, 10),
        expect.closeTo(10 - (5 * 14) / 15, 10),
      ],
    ]);
  });

  test('a column that is not named has its mean, a category its last value; an unknown name is refused', () => {
    const at = [0, 1, 2].map((minutes) => START + minutes * MINUTE);
    const table = { ...tableOf(at, [1, 2, 6]), words: [undefined, undefined, ['x', 'y'], undefined] };
    const [hour] = applyRules(table, { every: '1h', how: { last: 'last' } }).segments;
    expect(hour!.columns.map((column) => column[0])).toEqual([3, 6, 6, 3]);
    const refused = gatecastError('invalid-data', /Did you mean "mean"\?/);
    expect(() => applyRules(table, { every: '1h', how: { meen: 'sum' } })).toThrow(refused);
  });

  test('rows of the same time are one before they are resampled', () => {
    const at = [0, 0, 1].map((minutes) => START + minutes * MINUTE);
    const { segments, report } = applyRules(tableOf(at, [4, 8, 1]), { every: '1h', how: 'sum', duplicates: 'last' });
    expect(segments[0]!.columns[0]![0]).toBe(9);
    expect(report.duplicates).toBe(1);
  });
});

/** When the step begins that holds a time. */
function beginningOf(every: number, offsetAt?: (time: number) => number): (time: number) => number {
  const buckets = bucketsOf(every, offsetAt);
  return (time) => buckets.startOf(buckets.indexOf(time));
}

describe('steps begin', () => {
  test('at round times', () => {
    const beginning = beginningOf(5 * MINUTE);
    expect(beginning(Date.UTC(2024, 0, 31, 12, 34, 56))).toBe(Date.UTC(2024, 0, 31, 12, 30));
    expect(beginning(Date.UTC(1969, 0, 31, 12, 34, 56))).toBe(Date.UTC(1969, 0, 31, 12, 30));
  });

  test('weeks on Monday', () => {
    const beginning = beginningOf(7 * DAY);
    for (const time of [Date.UTC(2024, 0, 29), Date.UTC(2024, 1, 4, 23, 59)]) {
      expect(beginning(time)).toBe(Date.UTC(2024, 0, 29)); // a Monday
    }
  });

  test.each(['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'])(
    'days at midnight in %s, also where they have 23 or 25 hours',
    (timeZone) => {
      const beginning = beginningOf(DAY, offsetOf(timeZone));
      const clock = new Intl.DateTimeFormat('en-CA', {
        timeZone,
        dateStyle: 'short',
        timeStyle: 'medium',
        hour12: false,
      });
      for (const start of [Date.UTC(2023, 2, 20), Date.UTC(2023, 9, 20), Date.UTC(2024, 3, 1)]) {
        for (const hour of upTo(24 * 20)) {
          const time = start + hour * HOUR;
          const [date] = clock.format(time).split(', ');
          const [day, midnight] = clock.format(beginning(time)).split(', ');
          expect(day).toBe(date);
          expect(midnight).toMatch(/^(00|24):00:00/);
        }
      }
    },
  );

  test('a day of 23 hours is one step', () => {
    const at = upTo(72).map((hour) => Date.UTC(2024, 2, 29, 23) + hour * HOUR); // midnight in Berlin, two days before
    const { segments } = applyRules(
      tableOf(
        at,
        at.map(() => 1),
      ),
      { every: '1d', how: 'sum', offsetAt: offsetOf('Europe/Berlin') },
    );
    expect([...segments[0]!.columns[0]!]).toEqual([24, 23, 24, 1]);
  });
});
