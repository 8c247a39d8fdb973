import { expect, test } from 'vitest';
import { toTables } from '../../lib/data/runs.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const rows = [
  { at: 1000, speed: 1, force: 5, note: 0 },
  { at: 2000, speed: null, force: 6 },
  { at: 3000, force: 7 },
];
const table = { names: ['speed', 'force'], columns: [Float64Array.of(1, 2), Float64Array.of(3, 4)] };

test('rows by name become the requested columns, with NaN for missing values, and their times', () => {
  expect(toTables(rows, ['force', 'speed'])).toEqual([
    {
      names: ['force', 'speed'],
      columns: [Float64Array.of(5, 6, 7), Float64Array.of(1, Number.NaN, Number.NaN)],
      at: Float64Array.of(1000, 2000, 3000),
    },
  ]);
});

test('a log is one run or several, of either kind', () => {
  const names = ['speed', 'force'];
  const lengths = (log: Parameters<typeof toTables>[0]) =>
    toTables(log, names).map(({ columns }) => columns[0]!.length);
  expect(lengths(table)).toEqual([2]);
  expect(lengths([table, rows, table])).toEqual([2, 3, 2]);
  expect(lengths([rows, table])).toEqual([3, 2]);
});

test('a value that is not a log is refused with a sentence', () => {
  const refused = (log: unknown, message: RegExp) =>
    expect(() => toTables(log as never, ['speed'])).toThrow(gatecastError('invalid-data', message));
  refused([], /^Expected at least one run for the log/);
  refused(undefined, /^Expected a table/);
  refused([[]], /^Expected an object for row 1 of the run/);
  refused([1, 2], /^Expected an object for row 1 of the run/);
  refused([{ sped: 1 }], /^Expected a value "speed" in the rows of the run. Did you mean "sped"\?$/);
  refused(
    [table, [{ speed: 1 }, { speed: 'fast' }]],
    /^Expected a number for speed in row 2 of run 1 but received "fast"/,
  );
  refused([{ speed: 1 }, undefined], /^Expected an object for row 2/);
});
