import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as metrics from '../../lib/accuracy/metrics.ts';
import { normalQuantile } from '../../lib/base/normal.ts';
import { createRandom } from '../../lib/base/random.ts';

const value = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const pairs = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 });

const mean = (list: readonly number[]) => list.reduce((sum, each) => sum + each, 0) / list.length;

test('the CRPS of samples is that of their pairs, and the energy score of paths of one step', () => {
  fc.assert(
    fc.property(value, fc.array(value, { minLength: 2, maxLength: 15 }), (y, samples) => {
      const spread = mean(samples.flatMap((x, i) => samples.slice(i + 1).map((other) => Math.abs(x - other))));
      const wanted = mean(samples.map((x) => Math.abs(x - y))) - spread / 2;
      expect(metrics.crps([y], { samples: [samples] }).crps).toBeCloseTo(wanted, 8);
      expect(metrics.energyScore([[y]], [samples.map((x) => [x])]).energy).toBeCloseTo(wanted, 8);
    }),
  );
});

test('the CRPS of few samples is on average the CRPS of the distribution that they are drawn from', () => {
  const random = createRandom(5);
  const [count, runs] = [3, 40_000];
  const normal = () => normalQuantile(random() || 0.5);
  const truth = Array.from({ length: runs }, () => 1.3);
  const samples = truth.map(() => Array.from({ length: count }, () => 1 + 2 * normal()));
  const exact = metrics.crps([1.3], { mean: [1], deviation: [2] }).crps;
  const found = metrics.crps(truth, { samples }).crps;
  // of the empirical distribution of three samples it would be a third of the half distance, 0.38, higher
  expect(Math.abs(found - exact)).toBeLessThan(0.02);
  expect(metrics.crps([1.3], { family: 'gaussian', parameters: { mean: [1], deviation: [2] } }).crps).toBe(exact);
});

test('the energy score of many paths is that of all their pairs, and finds steps that go together as they should', () => {
  const random = createRandom(2);
  const draw = (together: boolean) => {
    const first = random() - 0.5;
    return [first, together ? first : random() - 0.5];
  };
  const truth = Array.from({ length: 400 }, () => draw(true));
  const [own, other] = [true, false].map((together) =>
    metrics.energyScore(
      truth,
      truth.map(() => Array.from({ length: 150 }, () => draw(together))),
    ),
  );
  expect(own!.energy).toBeLessThan(other!.energy);
  const paths = Array.from({ length: 150 }, () => draw(false));
  const apart = ([a, b]: number[], [c, d]: number[]) => Math.hypot(a! - c!, b! - d!);
  const spread = mean(paths.flatMap((x, i) => paths.slice(i + 1).map((y) => apart(x, y))));
  const all = mean(paths.map((x) => apart(x, [0, 0]))) - spread / 2;
  expect(Math.abs(metrics.energyScore([[0, 0]], [paths]).energy - all)).toBeLessThan(0.01);
});

test('with many even levels, twice the mean pinball loss is the CRPS of the distribution', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -4, max: 4, noNaN: true }),
      fc.double({ min: 0.1, max: 9, noNaN: true }),
      (z, deviation) => {
        const levels = Array.from({ length: 400 }, (_, i) => (i + 0.5) / 400);
        const quantiles = Object.fromEntries(levels.map((level) => [level, [deviation * normalQuantile(level)]]));
        const { crps, pinball } = metrics.quantileScores([z * deviation], quantiles);
        const exact = metrics.crps([z * deviation], { mean: [0], deviation: [deviation] }).crps;
        const twice = (2 * Object.values(pinball).reduce((sum, loss) => sum + loss, 0)) / levels.length;
        expect(crps / twice).toBeCloseTo(1, 9);
        expect(crps / exact).toBeCloseTo(1, 2);
      },
    ),
    { numRuns: 20 },
  );
});

test('scaled errors do not depend on the unit, and the others follow it', () => {
  fc.assert(
    fc.property(pairs, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (values, unit) => {
      const [truth, forecast] = [values.map(([y]) => y), values.map(([, f]) => f)];
      const history = [0, 3, 1, 5, 2, 9];
      const scaled = (factor: number) =>
        metrics.scaledErrors(
          truth.map((y) => factor * y),
          forecast.map((f) => factor * f),
          { history: history.map((h) => factor * h), season: 2 },
        );
      expect(scaled(unit).mase).toBeCloseTo(scaled(1).mase, 7);
      expect(scaled(unit).rmsse).toBeCloseTo(scaled(1).rmsse, 7);
    }),
  );
});

test('a perfect forecast has no error, and its quantiles hold everything', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (truth) => {
      expect(metrics.pointErrors(truth, truth)).toMatchObject({ mse: 0, mae: 0, rmse: 0, smape: 0 });
      const { pinball, coverage, crps } = metrics.quantileScores(truth, { 0.1: truth, 0.9: truth });
      expect([pinball, coverage, crps]).toEqual([{ 0.1: 0, 0.9: 0 }, { 0.1: 1, 0.9: 1 }, 0]);
      const interval = { lower: truth, upper: truth };
      expect(metrics.intervalScores(truth, interval, 0.8)).toMatchObject({ coverage: 1, width: 0, winkler: 0 });
      const samples = truth.map((y) => [y, y, y]);
      expect([metrics.crps(truth, { samples }).crps, metrics.energyScore([truth], [[truth, truth]]).energy]).toEqual([
        0, 0,
      ]);
      expect(metrics.classScores(truth, truth)).toMatchObject({ accuracy: 1, macroF1: 1 });
    }),
  );
});

test('a paired test is the other way around for the methods the other way around', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { minLength: 6, maxLength: 30 }), (values) => {
      const [first, second] = [values.map(([a]) => a), values.map(([, b]) => b)];
      for (const test of [metrics.wilcoxon, metrics.dieboldMariano]) {
        const [one, other] = [test(first, second), test(second, first)];
        expect(other.p).toBeCloseTo(one.p, 9);
        expect(other.difference).toBeCloseTo(-one.difference, 9);
      }
    }),
  );
});

test.each([
  ['one step ahead', { ahead: 1, lasting: 0 }],
  ['one step ahead, where errors last', { ahead: 1, lasting: 0.5 }],
  ['24 steps ahead', { ahead: 24, lasting: 0 }],
])('methods that are equally good %s are seldom found to differ', (_, { ahead, lasting }) => {
  const random = createRandom(3);
  const [runs, count] = [400, 300];
  let found = 0;
  for (let run = 0; run < runs; run++) {
    // Differences of forecasts `ahead` steps ahead: sums of errors that neighbours share.
    let slow = 0;
    const errors = Array.from({ length: count + ahead }, () => (slow = lasting * slow + random() + random() - 1));
    let sum = errors.slice(0, ahead).reduce((all, error) => all + error, 0);
    const losses = Array.from({ length: count }, (_, i) => (sum += errors[i + ahead]! - errors[i]!));
    const { verdict } = metrics.dieboldMariano(losses, new Float64Array(count), { horizon: ahead });
    if (verdict !== 'noise') found += 1;
  }
  expect(found / runs).toBeGreaterThan(0.01);
  expect(found / runs).toBeLessThan(0.1);
});

test('a real difference is found', () => {
  const random = createRandom(5);
  const losses = Array.from({ length: 200 }, () => random() + random());
  const worse = losses.map((loss) => loss + 0.2 + (random() - 0.5));
  expect(metrics.dieboldMariano(losses, worse)).toMatchObject({ verdict: 'first' });
  expect(metrics.wilcoxon(worse, losses)).toMatchObject({ verdict: 'second' });
});
