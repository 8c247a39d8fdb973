import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actionLimits, Limiter } from '../../lib/control/limits.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const through = (limiter: Limiter, ...values: number[]) => values.map((value) => limiter.apply(value));

describe('Limiter', () => {
  test('clamps, and changes by at most the rate', () => {
    expect(through(new Limiter({ min: -1, max: 2 }, 1), 5, -5, 0.5)).toEqual([2, -1, 0.5]);
    // 0.5 a second, a value each half second: the first is free, the others go 0.25 each.
    expect(through(new Limiter({ min: 0, max: 1, maxRate: 0.5 }, 0.5), 0, 1, 1, 0.6, 0)).toEqual([
      0, 0.25, 0.5, 0.6, 0.35,
    ]);
    expect(through(new Limiter({ min: 0, max: 1, maxRate: 0 }, 1), 0.3, 1, 0)).toEqual([0.3, 0.3, 0.3]);
  });

  test('returns the previous value for NaN, and at first the one nearest to 0', () => {
    expect(through(new Limiter({ min: -1, max: 1 }, 1), Number.NaN, 0.5, Number.NaN)).toEqual([0, 0.5, 0.5]);
    expect(through(new Limiter({ min: 3, max: 4 }, 1), Number.NaN)).toEqual([3]);
    expect(through(new Limiter({ min: -4, max: -3 }, 1), Number.NaN)).toEqual([-3]);
  });

  test('a value that was not taken does not count', () => {
    const limiter = new Limiter({ min: 0, max: 10, maxRate: 1 }, 1);
    expect(through(limiter, 5, 9)).toEqual([5, 6]);
    limiter.takeBack();
    expect(through(limiter, Number.NaN, 9)).toEqual([5, 6]);
    const first = new Limiter({ min: 0, max: 10, maxRate: 1 }, 1);
    first.apply(5);
    first.takeBack();
    expect(first.apply(9)).toBe(9);
  });

  test('leaves no limit at any of 100,000 values, whatever the limits', () => {
    const odd = fc.oneof(
      fc.double(),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300, -0, 5e-324),
    );
    const bound = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
    const limits = fc.record(
      { one: bound, other: bound, maxRate: fc.double({ min: 0, max: 1e300, noNaN: true }) },
      { requiredKeys: ['one', 'other'] },
    );
    let tried = 0;
    fc.assert(
      fc.property(limits, fc.array(odd, { minLength: 100, maxLength: 100 }), ({ one, other, maxRate }, values) => {
        const [min, max] = [Math.min(one, other), Math.max(one, other)];
        const limiter = new Limiter(
          actionLimits({ min, max, ...(maxRate !== undefined && { maxRate }) }, 'limits'),
          0.25,
        );
        let before: number | undefined;
        for (const value of values) {
          const action = limiter.apply(value);
          const step = before === undefined || maxRate === undefined ? 0 : Math.abs(action - before) - maxRate / 4;
          const rounding = Math.max(Math.abs(action), Math.abs(before ?? 0)) * 2 ** -51;
          if (!(action >= min && action <= max && step <= rounding)) {
            throw new Error(`${value} gave ${action} after ${before}`);
          }
          before = action;
          tried++;
        }
      }),
      { numRuns: 1000 },
    );
    expect(tried).toBeGreaterThanOrEqual(100_000);
  });
});

test('wrong limits are refused', () => {
  const refused = (value: unknown, message: RegExp) =>
    expect(() => actionLimits(value, 'limits')).toThrow(gatecastError('invalid-argument', message));
  refused({ min: 1, max: 0 }, /at least min, which is 1 for limits\.max but received 0/);
  refused({ min: Number.NaN, max: 0 }, /limits\.min.*NaN/);
  refused({ min: 0, max: Number.POSITIVE_INFINITY }, /limits\.max.*Infinity/);
  refused({ min: 0, max: 1, maxRate: -1 }, /limits\.maxRate/);
  refused({ min: 0, max: 1, rate: 1 }, /only min, max, maxRate/);
  refused(undefined, /an object/);
});
