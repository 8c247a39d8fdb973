import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ErrorComparison } from '../../lib/online/judging/comparison.ts';

const TARGETS = 2;
const HORIZON = 3;
const comparison = new ErrorComparison(TARGETS, HORIZON);

/** A sample, and both forecasts of the next three: [targets], [targets][horizon]. */
interface Input {
  truth: number[];
  first: number[][];
  second: number[][];
}

const value = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -100, max: 100, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
);
const listOf = <T>(one: fc.Arbitrary<T>, length: number) => fc.array(one, { minLength: length, maxLength: length });
const series = (of: fc.Arbitrary<number>) => {
  const said = listOf(listOf(of, HORIZON), TARGETS);
  return fc.array(fc.record<Input>({ truth: listOf(of, TARGETS), first: said, second: said }), { maxLength: 40 });
};

function start(at = 0): Float64Array {
  const row = new Float64Array(at + comparison.size);
  comparison.reset(row, at);
  return row;
}

function step(row: Float64Array, at: number, { truth, first, second }: Input): void {
  comparison.observe(row, at, truth);
  for (let t = 0; t < TARGETS; t++) {
    for (let h = 0; h < HORIZON; h++) comparison.keep(row, at, t, h + 1, first[t]![h]!, second[t]![h]!);
  }
}

const figures = (row: Float64Array, at = 0) =>
  Array.from({ length: TARGETS }, (_, t) => [
    comparison.scored(row, at, t),
    comparison.error(row, at, t, 0),
    comparison.error(row, at, t, 1),
  ]);

test('errors are means over what both have forecast and whose truth came', () => {
  fc.assert(
    fc.property(series(value), (inputs) => {
      const row = start();
      for (const input of inputs) step(row, 0, input);
      for (let t = 0; t < TARGETS; t++) {
        const pairs = inputs.flatMap(({ truth }, now) =>
          [1, 2, 3]
            .filter((h) => now >= h)
            .map((h) => [inputs[now - h]!.first[t]![h - 1]!, inputs[now - h]!.second[t]![h - 1]!, truth[t]!] as const)
            .filter((numbers) => !numbers.some(Number.isNaN)),
        );
        const mean = (errors: number[]) => errors.reduce((sum, error) => sum + error, 0) / Math.max(errors.length, 1);
        expect(comparison.scored(row, 0, t)).toBe(pairs.length);
        expect(comparison.error(row, 0, t, 0)).toBeCloseTo(mean(pairs.map(([a, , y]) => Math.abs(y - a))), 9);
        expect(comparison.error(row, 0, t, 1)).toBeCloseTo(mean(pairs.map(([, b, y]) => Math.abs(y - b))), 9);
      }
    }),
  );
});

test('keeps its memory in the row, and finite errors whatever comes', () => {
  const any = fc.oneof(value, fc.double(), fc.constantFrom(1e308, -1e308, Number.POSITIVE_INFINITY));
  fc.assert(
    fc.property(series(any), series(any), (before, after) => {
      const [row, copy] = [start(), start(5)];
      for (const input of before) step(row, 0, input);
      copy.set(row, 5);
      for (const input of after) {
        step(copy, 5, input);
        step(row, 0, input);
      }
      expect(copy.subarray(5)).toEqual(row);
      expect(figures(row).flat().every(Number.isFinite)).toBe(true);
    }),
  );
});

test('the gain is the share of the error that the second spares', () => {
  const row = start();
  const said = (error: number) => [[error, error, error], Array(3).fill(0)];
  expect(comparison.gain(row, 0, 0)).toBeUndefined();
  for (let t = 0; t < 4; t++) step(row, 0, { truth: [0, 0], first: said(4), second: said(-3) });
  expect(comparison.gain(row, 0, 0)).toBe(0.25);
  expect(comparison.gain(row, 0, 1)).toBe(0); // neither made an error
});

test('forecasts from before a reset are not scored', () => {
  const row = start();
  const input = {
    truth: [1, 1],
    first: [Array(3).fill(2), Array(3).fill(2)],
    second: [Array(3).fill(3), Array(3).fill(3)],
  };
  step(row, 0, input);
  step(row, 0, input);
  comparison.forget(row, 0);
  step(row, 0, input);
  expect(figures(row)[0]).toEqual([1, 1, 2]);
  step(row, 0, input);
  expect(comparison.scored(row, 0, 0)).toBe(2);
});
