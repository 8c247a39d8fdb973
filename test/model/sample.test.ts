import { describe, expect, test } from 'vitest';
import { numbersOf, readSample } from '../../lib/model/sample.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES, HostileError } from '../support/hostile-values.ts';

const names = ['a', 'b'];
const read = (sample: unknown, at?: unknown, of = names) => {
  const out = new Float64Array(of.length);
  const time = readSample(sample as never, at as never, numbersOf(of), out);
  return [...out, time];
};

describe('readSample', () => {
  test.each([
    [[1, 2]],
    [Float32Array.of(1, 2)],
    [Float64Array.of(1, 2)],
    [Uint8Array.of(1, 2)],
    [{ values: [1, 2] }],
    [{ values: { b: 2, a: 1, more: 3 } }],
    [{ values: Object.assign(Object.create(null), { a: 1, b: 2 }), deviceId: 'x' }],
  ])('reads the values of %j', (sample) => {
    expect(read(sample)).toEqual([1, 2, undefined]);
  });

  test('reads a bare number if there is one input', () => {
    expect(read(7, undefined, ['a'])).toEqual([7, undefined]);
    expect(read({ values: 7, at: 5 }, undefined, ['a'])).toEqual([7, 5]);
  });

  const time = Date.UTC(2026, 0, 31, 12);
  test.each([[time], [new Date(time)], ['2026-01-31T12:00:00Z'], ['2026-01-31T13:00:00+01:00']])(
    'reads the time %s',
    (at) => {
      expect(read({ at, values: [1, 2] })).toEqual([1, 2, time]);
      expect(read([1, 2], at)).toEqual([1, 2, time]);
    },
  );

  test("prefers the sample's own time", () => {
    expect(read({ at: 5, values: [1, 2] }, 6)).toEqual([1, 2, 5]);
    expect(read({ values: [1, 2] }, 6)).toEqual([1, 2, 6]);
  });

  test.each([
    [[1], /2 values.*length 1/],
    [[1, 2, 3], /2 values/],
    [[], /2 values/],
    [1, /2 values for a sample but received one number/],
    [[1, NaN], /finite number for b but received NaN/],
    [[Infinity, 1], /for a but received Infinity/],
    [[1, null], /for b but received null/],
    [[1, '2'], /for b but received "2"/],
    [new Array(2), /for a but received undefined/],
    [new BigInt64Array(2), /for a but received 0n/],
    [{ values: {} }, /for a but received undefined/],
    [{ values: { a: 1 } }, /for b/],
    [{ values: [1, 2], at: NaN }, /time/],
    [{ values: [1, 2], at: 'soon' }, /time.*"soon"/],
    [{ values: [1, 2], at: new Date(NaN) }, /time/],
  ])('calls %s invalid', (sample, message) => {
    expect(() => read(sample)).toThrow(gatecastError('invalid-sample', message));
  });

  test.each([
    [undefined],
    [null],
    ['1,2'],
    [true],
    [1n],
    [Symbol('s')],
    [() => 1],
    [{}],
    [{ value: [1, 2] }],
    [{ values: null }],
    [{ values: 'x' }],
    [{ values: [1, 2], at: {} }],
    [{ values: [1, 2], at: 1n }],
  ])('calls %s no sample at all', (sample) => {
    expect(() => read(sample)).toThrow(gatecastError('invalid-argument'));
  });

  test('names with a meaning in JavaScript are names like any other', () => {
    expect(read({ values: { ['__proto__']: 1, constructor: 2 } }, undefined, ['__proto__', 'constructor'])).toEqual([
      1,
      2,
      undefined,
    ]);
    expect(() => read({ values: {} }, undefined, ['constructor'])).toThrow(gatecastError('invalid-sample'));
  });

  test('answers any value with numbers or an error that has a code', () => {
    for (const [name, make] of HOSTILE_VALUES) {
      for (const attempt of [
        () => read(make()),
        () => read({ values: make() }),
        () => read([1, 2], make()),
        () => read([make(), 2]),
      ]) {
        try {
          for (const value of attempt()) expect(value ?? 0, name).toSatisfy(Number.isFinite);
        } catch (error) {
          if (error instanceof HostileError || /revoked/.test(String(error))) continue;
          expect(error, name).toEqual(gatecastError(/^invalid-(argument|sample)$/));
        }
      }
    }
  });
});
