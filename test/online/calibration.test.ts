import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Calibration } from '../../lib/online/judging/calibration.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { PlainCalibration } from './plain-calibration.ts';

const levels = [0.05, 0.1, 0.5, 0.9, 0.95];

/** One target's live stream: takes a truth and the present forecast, returns the calibrated block. */
function stream(calibration: Calibration, row = fresh(calibration)) {
  return {
    row,
    step: (truth: number, block: Float64Array | undefined) => {
      calibration.observe(row, 0, Float64Array.of(truth));
      if (!block) return undefined;
      const copy = block.slice();
      calibration.calibrate(row, 0, copy, 0);
      return copy;
    },
  };
}

function fresh(part: Calibration): Float64Array {
  const row = new Float64Array(part.size);
  part.reset(row, 0);
  return row;
}

/** Mean, then each level's quantiles, of a forecast that repeats `last` with these quantiles of its error. */
function repeat(last: number, horizon: number, errors: readonly number[]): Float64Array {
  return Float64Array.from([0, ...errors].flatMap((error) => Array.from({ length: horizon }, () => last + error)));
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
/** A stream of truths, some missing, and whether there is a forecast; with the forecast's numbers. */
const samples = (value: fc.Arbitrary<number>, horizon: number, levelCount: number) =>
  fc.array(
    fc.record({
      truth: fc.option(value, { nil: Number.NaN, freq: 8 }),
      block: fc.option(
        fc.array(value, { minLength: horizon * (1 + levelCount), maxLength: horizon * (1 + levelCount) }),
        { nil: undefined, freq: 8 },
      ),
    }),
    { maxLength: 60 },
  );

describe('Calibration', () => {
  test('a case worked by hand', () => {
    const calibration = new Calibration({ targets: 1, horizon: 1, levels: [0.1, 0.5] });
    const { row, step } = stream(calibration);
    const said = Float64Array.of(0, -1, 0);
    expect(step(7, said)).toEqual(said); // nothing has been scored
    // The truth 2 is above both; the unit is 2, the gain of the first 1/2, and the debt as large as the excess.
    const first = step(2, said)!;
    expect(first[1]).toBeCloseTo(-1 + 2 * (0.5 * 0.1 + 8e-4 * 0.1), 12);
    expect(first[2]).toBeCloseTo(0 + 2 * (0.5 * 0.5 + 8e-4 * 0.5), 12);
    // The truth -4 is below both; the unit is the mean of 2 and 4.
    const second = step(-4, said)!;
    const debts = [0.1 - 0.1 / 500 - 0.9, 0.5 - 0.5 / 500 - 0.5];
    expect(second[1]).toBeCloseTo(first[1]! + 3 * (-0.9 / 3 + 8e-4 * debts[0]!), 12);
    expect(second[2]).toBeCloseTo(first[2]! + 3 * (-0.5 / 3 + 8e-4 * debts[1]!), 12);
    expect(calibration.coverage(row, 0, 0, 1, 0)).toEqual({ recent: 0, total: 0, scored: 2 });
  });

  test('gives the quantiles of a plain implementation that keeps everything', () => {
    const horizon = 4;
    let seed = 3;
    const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const calibration = new Calibration({ targets: 2, horizon, levels });
    const row = fresh(calibration);
    const plain = [0, 1].map(() => new PlainCalibration(horizon, levels));
    const values = [0, 100];
    for (let now = 0; now < 1500; now++) {
      const width = now < 700 ? 1 : 5;
      const truth = Float64Array.from(values, (value) => (random() < 0.05 ? Number.NaN : value));
      calibration.observe(row, 0, truth);
      plain.forEach((each, target) => each.observe(truth[target]!));
      if (random() > 0.05) {
        const said = values.map((value, target) =>
          Array.from({ length: horizon }, (_, h) => ({
            mean: value + 0.1,
            // The quantiles of the second target are far too wide at times: moved closer they cross when they are
            // narrow again.
            quantiles: levels.map((level) => value + (target === 0 ? h + 1 : now % 400 < 200 ? 20 : 0) * (level - 0.5)),
          })),
        );
        const block = Float64Array.from([
          ...said.flatMap((steps) => steps.map(({ mean }) => mean)),
          ...levels.flatMap((_, l) => said.flatMap((steps) => steps.map(({ quantiles }) => quantiles[l]!))),
        ]);
        calibration.calibrate(row, 0, block, 0);
        plain.forEach((each, target) => {
          each.calibrate(said[target]!).forEach((quantiles, h) => {
            quantiles.forEach((quantile, l) => {
              expect(block[((1 + l) * 2 + target) * horizon + h]).toBeCloseTo(quantile, 9);
            });
          });
        });
      }
      values.forEach((value, target) => {
        values[target] = value + width * (random() + random() - 1);
      });
    }
    plain.forEach((each, target) => {
      for (const [lower, upper] of [
        [0, 4],
        [1, 3],
        [1, 2],
      ] as const) {
        const total = each.coverage(lower, upper, 3);
        expect(calibration.coverage(row, 0, lower, upper, target, 3)!.total).toBeCloseTo(total, 12);
      }
    });
  });

  test('a copy of the row goes on to the same bits', () => {
    const horizon = 3;
    fc.assert(
      fc.property(samples(finite, horizon, 2), samples(finite, horizon, 2), (before, after) => {
        const calibration = new Calibration({ targets: 1, horizon, levels: [0.2, 0.9] });
        const one = stream(calibration);
        for (const { truth, block } of before) one.step(truth, block && Float64Array.from(block));
        const other = stream(calibration, one.row.slice());
        for (const { truth, block } of after) {
          const [a, b] = [one, other].map((each) => each.step(truth, block && Float64Array.from(block)));
          expect(b).toEqual(a);
        }
        expect(new Uint8Array(other.row.buffer)).toEqual(new Uint8Array(one.row.buffer));
      }),
    );
  });

  test('in units 2^k as large the quantiles are exactly 2^-k times as large', () => {
    const horizon = 2;
    const ordinary = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => Math.round(x * 1024) / 1024);
    fc.assert(
      fc.property(samples(ordinary, horizon, 3), fc.integer({ min: -40, max: 40 }), (stretch, k) => {
        const calibration = new Calibration({ targets: 1, horizon, levels: [0.1, 0.5, 0.8] });
        const [one, other] = [stream(calibration), stream(calibration)];
        for (const { truth, block } of stretch) {
          const a = one.step(truth, block && Float64Array.from(block));
          const b = other.step(truth * 2 ** k, block && Float64Array.from(block, (x) => x * 2 ** k));
          expect(b).toEqual(a?.map((x) => x * 2 ** k));
        }
      }),
    );
  });

  test('whatever finite numbers come, quantiles are numbers in order', () => {
    const horizon = 2;
    const any = fc.oneof(finite, fc.constantFrom(0, -0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE));
    fc.assert(
      fc.property(samples(any, horizon, 3), (stretch) => {
        const calibration = new Calibration({ targets: 1, horizon, levels: [0.1, 0.5, 0.8] });
        const one = stream(calibration);
        for (const { truth, block } of stretch) {
          const said = one.step(truth, block && Float64Array.from(block));
          if (!said) continue;
          for (let i = horizon; i < said.length; i++) {
            expect(said[i]).not.toBeNaN();
            if (i >= 2 * horizon) expect(said[i]).toBeGreaterThanOrEqual(said[i - horizon]!);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a stream that stands still and is forecast exactly keeps its quantiles and is covered', () => {
    const calibration = new Calibration({ targets: 1, horizon: 2, levels });
    const { row, step } = stream(calibration);
    const said = repeat(20, 2, [0, 0, 0, 0, 0]);
    for (let now = 0; now < 1000; now++) expect(step(20, said)).toEqual(said);
    expect(calibration.coverage(row, 0, 0, 4, 0)).toEqual({ recent: 1, total: 1, scored: 1997 });
  });

  test('a stream that wakes up after a long rest is covered again within some hundred samples', () => {
    const calibration = new Calibration({ targets: 1, horizon: 1, levels, window: 200 });
    const { row, step } = stream(calibration);
    let seed = 1;
    const noise = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32 - 0.5;
    for (let now = 0; now < 20_000; now++) step(20, repeat(20, 1, [-0.2, -0.1, 0, 0.1, 0.2]));
    for (let now = 0; now < 800; now++) step(20 + noise(), repeat(20, 1, [-0.2, -0.1, 0, 0.1, 0.2]));
    expect(calibration.coverage(row, 0, 1, 3, 0)!.recent).toBeCloseTo(0.8, 1);
  });

  test('coverage of one step is of that step, undefined before it is scored', () => {
    const calibration = new Calibration({ targets: 2, horizon: 2, levels: [0.2, 0.8] });
    const row = fresh(calibration);
    const said = Float64Array.of(0, 0, 0, 0, -1, -1, -1, -1, 1, 1, 1, 1); // [mean, lower, upper][targets][horizon]
    calibration.calibrate(row, 0, said.slice(), 0);
    calibration.observe(row, 0, Float64Array.of(0.5, 3));
    expect(calibration.coverage(row, 0, 0, 1, 0, 1)).toEqual({ recent: 1, total: 1, scored: 1 });
    expect(calibration.coverage(row, 0, 0, 1, 1, 1)).toEqual({ recent: 0, total: 0, scored: 1 });
    expect(calibration.coverage(row, 0, 0, 1, 0, 2)).toBeUndefined();
    calibration.observe(row, 0, Float64Array.of(2, Number.NaN));
    expect(calibration.coverage(row, 0, 0, 1, 0, 2)).toEqual({ recent: 0, total: 0, scored: 1 });
    expect(calibration.coverage(row, 0, 0, 1, 0)).toEqual({ recent: 0.5, total: 0.5, scored: 2 });
    expect(calibration.coverage(row, 0, 0, 1, 1, 2)).toBeUndefined();
  });

  test('refuses wrong options', () => {
    const right = { targets: 1, horizon: 1, levels };
    for (const wrong of [
      { targets: 0 },
      { horizon: 0.5 },
      { levels: [1] },
      { levels: [0.9, 0.1] },
      { window: 0 },
      { gain: 1 },
    ]) {
      expect(() => new Calibration({ ...right, ...wrong })).toThrow(gatecastError('invalid-argument'));
    }
  });
});
