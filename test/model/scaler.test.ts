import { describe, expect, test } from 'vitest';
import { Scaler } from '../../lib/model/scaler.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES, HostileError } from '../support/hostile-values.ts';

describe('Scaler.fit', () => {
  test('gives the mean and population deviation of the given rows', () => {
    const column = Float64Array.of(1000, 2, 4, 4, 4, 5, 5, 7, 9, -1000);
    const scaler = Scaler.fit(['a'], [column], 1, 9);
    expect([...scaler.mean, ...scaler.std]).toEqual([5, 2]);
  });

  test('leaves out missing values', () => {
    const scaler = Scaler.fit(['a'], [Float64Array.of(NaN, 1, NaN, 3)]);
    expect([...scaler.mean, ...scaler.std]).toEqual([2, 1]);
  });

  test.each([[0], [0.1], [-1e12], [1e9 + 0.1]])('gives a column that is always %d the deviation 1', (value) => {
    const scaler = Scaler.fit(['a'], [new Float64Array(1001).fill(value)]);
    expect([...scaler.std]).toEqual([1]);
    expect(scaler.mean[0]).toBeCloseTo(value, 4);
  });

  test('sees a small change on a large offset', () => {
    const column = Float64Array.from({ length: 1000 }, (_, i) => 1e9 + (i % 2));
    expect(Scaler.fit(['a'], [column]).std[0]).toBeCloseTo(0.5, 6);
  });

  test('refuses a column without values, naming it', () => {
    const columns = [Float64Array.of(1), Float64Array.of(NaN)];
    expect(() => Scaler.fit(['a', 'flow'], columns)).toThrow(gatecastError('invalid-data', /flow/));
  });
});

describe('Scaler, given values of other types,', () => {
  const column = [Float64Array.of(1, 2)];
  const calls: [string, (value: never) => unknown][] = [
    ['names', (value) => new Scaler(value, [1, 2], [1, 2])],
    ['mean', (value) => new Scaler(['a'], value, [1])],
    ['std', (value) => new Scaler(['a'], [1], value)],
    ['names to fit', (value) => Scaler.fit(value, column)],
    ['columns', (value) => Scaler.fit(['a'], value)],
    ['a column', (value) => Scaler.fit(['a'], [value])],
    ['from', (value) => Scaler.fit(['a'], column, value)],
    ['to', (value) => Scaler.fit(['a'], column, 0, value)],
    ['values', (value) => new Scaler(['a', 'b'], [0, 0], [1, 1]).scale(value, new Float32Array(2))],
    ['out', (value) => new Scaler(['a', 'b'], [0, 0], [1, 1]).scale([1, 2], value)],
  ];

  test.each(calls)('as %s, accepts them or throws errors with a code', (_, call) => {
    for (const [name, make] of HOSTILE_VALUES) {
      try {
        call(make() as never);
      } catch (error) {
        if (error instanceof HostileError || /revoked/.test(String(error))) continue;
        expect(error, name).toEqual(gatecastError(/^invalid-(argument|data)$/));
      }
    }
  });
});

describe('Scaler', () => {
  test('scales', () => {
    const out = new Float32Array(2);
    new Scaler(['a', 'b'], [1, 10], [2, 0.5]).scale([3, 9], out);
    expect(out).toEqual(Float32Array.of(1, -2));
  });

  test('copies its arguments', () => {
    const std = Float64Array.of(1);
    const scaler = new Scaler(['a'], [0], std);
    std[0] = 5;
    expect(scaler.std[0]).toBe(1);
  });

  test.each([
    [[1], [0]],
    [[1], [-1]],
    [[1], [NaN]],
    [[NaN], [1]],
    [[Infinity], [1]],
    [[1e300], [1]],
    [[1, 2], [1]],
    [[1], []],
    [['1'], [1]],
    [undefined, [1]],
    [[1], null],
  ])('refuses mean %j and deviation %j', (mean, std) => {
    expect(() => new Scaler(['a'], mean as never, std as never)).toThrow(gatecastError('invalid-argument'));
  });
});
