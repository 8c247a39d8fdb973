import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Evener, type EvenOptions } from '../../lib/data/rules/even.ts';
import type { Table } from '../../lib/data/table.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { concat, messyTimes, MINUTE, START, tableOf, upTo } from './rules-set-up.ts';

const options: EvenOptions = { interval: MINUTE, maxGap: 60 * MINUTE, duplicates: 'first' };

/** The segments of a table that comes in chunks which end at these rows. */
function evened(table: Table, changes: Partial<EvenOptions> = {}, ends: readonly number[] = []): Table[] {
  const evener = new Evener({ ...options, ...changes }, table);
  const parts: Table[][] = [];
  const keep = (end: boolean) => {
    for (const { segment, table: part } of evener.take(end)) (parts[segment] ??= []).push(part);
  };
  const places = [0, ...ends, table.at!.length];
  for (const [i, from] of places.slice(0, -1).entries()) {
    evener.add(concat(table, from, places[i + 1]!));
    keep(false);
  }
  keep(true);
  return parts.map(joined);
}

function joined(tables: readonly Table[]): Table {
  const join = (parts: readonly Float64Array[]) => Float64Array.from(parts.flatMap((part) => [...part]));
  return {
    ...tables[0]!,
    columns: tables[0]!.columns.map((_, i) => join(tables.map(({ columns }) => columns[i]!))),
    at: join(tables.map(({ at }) => at!)),
  };
}

const minutes = (...steps: number[]) => steps.map((step) => START + step * MINUTE);
const none = Number.NaN;

describe('even', () => {
  test('steps without a row become rows of missing values, at even times', () => {
    const [table] = evened(tableOf(minutes(0, 1, 4.2, 5)));
    expect(table).toEqual({
      names: ['a', 'b'],
      units: ['m', undefined],
      columns: [Float64Array.of(0, 1, none, none, 2, 3), Float64Array.of(0, 1 / 7, none, none, none, 3 / 7)],
      at: Float64Array.from(minutes(0, 1, 1 + 3.2 / 3, 1 + 6.4 / 3, 4.2, 5)),
    });
  });

  test('rows near their place are taken as they are', () => {
    const table = tableOf(minutes(0, 1.3, 1.9, 3.2, 3.8, 5));
    expect(evened(table)).toEqual([table]);
  });

  test('after a longer gap a new segment begins, with the third row: the first two are doubted', () => {
    const segments = evened(tableOf(minutes(0, 1, 2, 100, 101, 102, 103)));
    expect(segments.map(({ at }) => [...at!])).toEqual([minutes(0, 1, 2), minutes(102, 103)]);
    expect([...segments[1]!.columns[0]!]).toEqual([5, 6]);
  });

  test('a single stamp far ahead is left out', () => {
    const at = [...minutes(0, 1), Date.UTC(2099, 0, 1), ...minutes(3, 4)];
    expect([...evened(tableOf(at))[0]!.columns[0]!]).toEqual([0, 1, none, 3, 4]);
  });

  test('without an interval, rows are taken as they come', () => {
    const table = tableOf(minutes(0, 1, 1.01, 9, 30));
    expect(evened(table, { interval: null })).toEqual([table]);
  });

  test('nothing is filled without end', () => {
    const refused = gatecastError('invalid-data', /steps of 0\.001 ms but 59999999 steps, more than 20 for each row/);
    expect(() => evened(tableOf(minutes(0, 1)), { interval: 1e-3, maxGap: Number.POSITIVE_INFINITY })).toThrow(refused);
  });

  test('chunks of any length give the same rows', () => {
    fc.assert(
      fc.property(
        messyTimes,
        fc.constantFrom('first', 'last', 'mean'),
        fc.array(fc.nat()),
        (steps, duplicates, cuts) => {
          const table = tableOf(steps.map((step) => START + step * MINUTE));
          const ends = cuts.map((cut) => cut % (steps.length + 1)).sort((a, b) => a - b);
          expect(evened(table, { duplicates }, ends)).toEqual(evened(table, { duplicates }));
        },
      ),
    );
  });
});

describe('rows of the same step', () => {
  const at = minutes(0, 1, 1, 1.1, 2);
  const values = [10, 20, 23, 26, 30];

  test.each([
    ['first', [10, 20, 30], [10 / 7, 20 / 7, 30 / 7]],
    ['last', [10, 26, 30], [10 / 7, 26 / 7, 30 / 7]],
    ['mean', [10, 23, 30], [10 / 7, 23 / 7, 30 / 7]], // the second value of b is missing
  ] as const)('%s', (duplicates, a, b) => {
    const [table] = evened(tableOf(at, values), { duplicates });
    expect([...table!.columns[0]!]).toEqual(a);
    for (const [i, value] of b.entries()) expect(table!.columns[1]![i]).toBeCloseTo(value, 12);
    expect([...table!.at!]).toEqual(minutes(0, 1, 2));
  });

  test('refuse', () => {
    const refused = gatecastError('invalid-data', /received a second one at 2024-01-31T00:01:00\.000Z\./);
    expect(() => evened(tableOf(at), { duplicates: 'refuse' })).toThrow(refused);
    expect(evened(tableOf(minutes(0, 1, 2)), { duplicates: 'refuse' })).toHaveLength(1);
  });

  test('the mean of a step of missing values is missing, and a category has no mean', () => {
    const table = { ...tableOf(at, [1, none, none, none, 2]), words: [undefined, ['x', 'y']] };
    table.columns[1] = Float64Array.of(0, 1, 0, none, 1);
    const [mean] = evened(table, { duplicates: 'mean' });
    expect(mean!.columns).toEqual([Float64Array.of(1, none, 2), Float64Array.of(0, 0, 1)]);
    expect(mean).toMatchObject({ words: [undefined, ['x', 'y']] });
  });

  test('the mean does not depend on the order of the rows', () => {
    const many = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(many, (held) => {
        const of = (some: readonly number[]) =>
          evened(
            tableOf(
              some.map(() => START),
              some,
            ),
            { duplicates: 'mean' },
          );
        const [mean] = of(held);
        expect(of(held.toReversed())[0]!.columns[0]).toEqual(mean!.columns[0]);
        expect(mean!.columns[0]![0]).toBeCloseTo(held.reduce((sum, value) => sum + value, 0) / held.length, 6);
      }),
    );
  });

  test('a hundred thousand rows of one step are one', () => {
    const [table] = evened(tableOf(upTo(100_000).map(() => START)), { duplicates: 'mean' });
    expect(table!.columns[0]).toEqual(Float64Array.of(49_999.5));
  });
});
