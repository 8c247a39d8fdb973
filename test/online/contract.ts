import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Part } from '../../lib/online/part.ts';

/** Numbers of every size and kind, and everyday ones that repeat. */
export const anyNumber = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -20, max: 20 }) },
  { weight: 3, arbitrary: fc.double({ min: -100, max: 100, noNaN: true }) },
  { weight: 2, arbitrary: fc.double() },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1e308,
      -1e308,
      Number.MAX_VALUE,
      5e-324,
      -5e-324,
      1e-310,
      0,
      -0,
    ),
  },
);

/**
 * What every part guarantees. `step` takes one thing drawn from `inputs` and returns everything that the part reports
 * about it.
 */
export function keepsItsMemoryInTheRow<T>(
  part: Part,
  inputs: fc.Arbitrary<T>,
  step: (row: Float64Array, at: number, input: T) => unknown,
): void {
  const many = fc.array(inputs, { maxLength: 200 });
  const fresh = (at: number, length = at + part.size) => {
    const row = new Float64Array(length);
    part.reset(row, at);
    return row;
  };

  test('a copy of the row, anywhere, continues as the row does, whatever else is stepped in between', () => {
    fc.assert(
      fc.property(many, many, many, (before, after, other) => {
        const [row, stranger, copy] = [fresh(0), fresh(0), fresh(7)];
        for (const input of before) step(row, 0, input);
        copy.set(row, 7);
        const expected = after.map((input) => step(row, 0, input));
        const actual = after.map((input, i) => {
          if (i < other.length) step(stranger, 0, other[i]!);
          return step(copy, 7, input);
        });
        expect(actual).toEqual(expected);
        expect(copy.subarray(7)).toEqual(row);
      }),
      { numRuns: 50 },
    );
  });

  test('writes finite numbers only, and only into its own places', () => {
    fc.assert(
      fc.property(many, (all) => {
        const row = fresh(3, part.size + 6)
          .fill(42, 0, 3)
          .fill(42, part.size + 3);
        for (const input of all) step(row, 3, input);
        const outside = [...row.subarray(0, 3), ...row.subarray(part.size + 3)];
        expect(outside).toEqual([42, 42, 42, 42, 42, 42]);
        expect(row.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
}
