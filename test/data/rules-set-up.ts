import fc from 'fast-check';
import type { Table } from '../../lib/data/table.ts';

export const MINUTE = 60_000;
export const DAY = 86_400_000;
export const START = Date.UTC(2024, 0, 31);
export const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** A table of the columns a and b, of which b has missing values. */
export function tableOf(at: readonly number[], a: readonly number[] = at.map((_, i) => i)): Table {
  return {
    names: ['a', 'b'],
    units: ['m', undefined],
    columns: [Float64Array.from(a), Float64Array.from(a, (value, i) => (i % 5 === 2 ? Number.NaN : value / 7))],
    at: Float64Array.from(at),
  };
}

/** The rows of a table in another order. */
export function reorder(table: Table, order: readonly number[]): Table {
  const pick = (column: Float64Array) => Float64Array.from(order, (row) => column[row]!);
  return { ...table, columns: table.columns.map(pick), at: pick(table.at!) };
}

export function concat(table: Table, from: number, to: number): Table {
  return { ...table, columns: table.columns.map((column) => column.slice(from, to)), at: table.at!.slice(from, to) };
}

/**
 * Times of a source [intervals]: jitter, some rows missing, a few long gaps, rows sent twice, single stamps far ahead,
 * and some that are late.
 */
export const messyTimes = fc
  .array(
    fc.record({
      step: fc.oneof(
        { arbitrary: fc.constant(1), weight: 20 },
        { arbitrary: fc.integer({ min: 0, max: 9 }), weight: 3 },
        { arbitrary: fc.integer({ min: 10, max: 60 }), weight: 1 },
      ),
      jitter: fc.double({ min: -0.4, max: 0.4, noNaN: true }),
      ahead: fc.oneof(
        { arbitrary: fc.constant(0), weight: 30 },
        { arbitrary: fc.integer({ min: -30, max: 5000 }), weight: 1 },
      ),
    }),
    { minLength: 1, maxLength: 200 },
  )
  .map((rows) => {
    let place = 0;
    return rows.map(({ step, jitter, ahead }) => {
      place += step;
      return place + jitter + ahead;
    });
  });

/** A number in [0, 1) that looks random, always the same for `i`. */
export function chance(i: number): number {
  const x = Math.sin((i + 1) * 78.233) * 43758.5453;
  return x - Math.floor(x);
}
