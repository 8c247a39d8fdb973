import { describe, expect, test } from 'vitest';
import { quantile } from '../../lib/base/sorted.ts';
import { checkTable, columnIndex, medianInterval, rowCount, selectColumns, sliceRows } from '../../lib/data/table.ts';

const table = {
  names: ['a', 'b'],
  columns: [Float64Array.of(1, 2, 3), Float64Array.of(4, 5, 6)],
  units: ['m', undefined],
  at: Float64Array.of(0, 1000, 2000),
};

function detached(): Float64Array {
  const array = new Float64Array(3);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

describe('table', () => {
  test('slices rows and selects columns with their units and times', () => {
    expect(rowCount(table)).toBe(3);
    expect(sliceRows(table, 1, 3)).toMatchObject({
      columns: [Float64Array.of(2, 3), Float64Array.of(5, 6)],
      at: Float64Array.of(1000, 2000),
    });
    expect(selectColumns(table, ['b'])).toMatchObject({
      names: ['b'],
      columns: [table.columns[1]],
      units: [undefined],
    });
  });

  test('the error for a misspelt column suggests the nearest', () => {
    const wide = { names: ['oil_temp', 'load'], columns: table.columns };
    expect(() => columnIndex(wide, 'oil_tmep')).toThrow('Did you mean "oil_temp"?');
    expect(() => columnIndex(wide, 'pressure')).toThrow(/among oil_temp, load\.$/);
  });

  test('the interval is the median step, despite gaps and clock changes', () => {
    expect(medianInterval(table)).toBe(1000);
    const at = Float64Array.of(0, 10, 20, 15, 25, 1e6, 1e6 + 10, Number.NaN);
    expect(medianInterval({ names: ['a'], columns: [new Float64Array(8)], at })).toBe(10);
    expect(medianInterval({ names: ['a'], columns: [new Float64Array(8)] })).toBeNull();
  });

  test.each([
    [undefined, /a table/],
    [{ names: [], columns: [] }, /column names/],
    [{ names: ['a'], columns: [] }, /an array of 1 columns/],
    [{ names: ['a'], columns: [[1, 2]] }, /a Float64Array for column "a"/],
    [{ names: ['a', 'a'], columns: table.columns }, /different names/],
    [{ names: ['a', 3], columns: table.columns }, /a name for column 1/],
    [{ names: ['a', 'b'], columns: [new Float64Array(2), new Float64Array(3)] }, /2 values for column "b"/],
    [{ ...table, at: new Float64Array(2) }, /length 3 for the times/],
    [{ ...table, units: ['m'] }, /2 units, each text or undefined, for the units/],
    [{ ...table, units: ['m', 5] }, /2 units/],
    [{ names: new Array(1), columns: new Array(1) }, /a name for column 0/],
    [{ names: ['a'], columns: [detached()] }, /a Float64Array for column "a"/],
    [{ ...table, at: detached() }, /length 3 for the times/],
  ])('refuses what is not a table: %o', (value, message) => {
    expect(() => checkTable(value)).toThrow(message);
  });
});

test('quantile is linear between order statistics', () => {
  expect([0, 0.25, 0.5, 1].map((level) => quantile([1, 2, 3, 5], level))).toEqual([1, 1.75, 2.5, 5]);
  expect(quantile([], 0.5)).toBeNaN();
});
