import { describe, expect, test } from 'vitest';
import { EpochReader } from '../../lib/reading/epoch.ts';

const noon = Date.UTC(2024, 0, 1, 12);

describe('EpochReader', () => {
  test.each([
    ['seconds', 1e-3],
    ['milliseconds', 1],
    ['microseconds', 1e3],
    ['nanoseconds', 1e6],
  ])('reads %s of our days, reports that once, and keeps to them', (unit, factor) => {
    const notes: string[] = [];
    const reader = new EpochReader('ms', { interval: 60_000, note: (sentence) => notes.push(sentence) });
    for (const at of [noon, noon + 60_000, noon + 120_000]) expect(reader.read(at * factor)).toBe(at);
    expect(reader.read(5 * factor)).toBeCloseTo(5, 9); // a clock that fell back to 1970 counts as before
    const said = unit === 'milliseconds' ? [] : [`The times of the samples are read as ${unit} since 1970.`];
    expect(notes).toEqual(said);
  });

  test.each([
    ['seconds since a start, an interval of a second', 1000, [12, 13, 14], [12, 13_000, 14_000]],
    ['seconds since a start, with fractions', 100, [0, 0.1, 0.2], [0, 100, 200]],
    ['milliseconds from 0', 60_000, [0, 60_000, 120_000], [0, 60_000, 120_000]],
    ['microseconds since a start', 20, [0, 20_000, 40_000], [0, 20, 40]],
    ['nanoseconds since a start', 1, [0, 1e6, 2e6], [0, 1, 2]],
    ['a spacing that shows nothing', 60_000, [1000, 1001, 1002], [1000, 1001, 1002]],
    ['no model', null, [1000, 2000], [1000, 2000]],
  ])('%s: the spacing shows the unit', (_, interval, times, wanted) => {
    const reader = new EpochReader('ms', { interval });
    const read = times.map((at) => reader.read(at));
    read.forEach((at, i) => expect(at).toBeCloseTo(wanted[i]!, 6));
  });

  test('small numbers of a table without a model are seconds, as they were', () => {
    const reader = new EpochReader('s');
    expect([0, 60, 120].map((at) => reader.read(at))).toEqual([0, 60_000, 120_000]);
  });
});
