import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as metrics from '../../lib/accuracy/metrics.ts';
import { studentTail } from '../../lib/base/student-t.ts';

interface Golden {
  truth: number[];
  mean: number[];
  deviation: number[];
  history: number[];
  season: number;
  quantiles: Record<number, number[]>;
  samples: number[][];
  point: Record<string, number>;
  scaled: Record<string, number>;
  pinball: Record<number, number>;
  coverage: Record<number, number>;
  wql: number;
  crps: { quantiles: number; samples: number; normal: number };
  families: { family: string; truth: number; parameters: Record<string, number>; crps: number }[];
  courses: { truth: number[][]; paths: number[][][]; energy: number };
  interval: Record<string, number>;
  dieboldMariano: {
    first: number[];
    second: number[];
    tests: { horizon: number; statistic: number; p: number }[];
  };
  wilcoxon: { first: number[]; second: number[]; statistic: number; p: number }[];
  twoTails: { t: number; freedom: number; p: number }[];
}

/** What numpy and scipy compute: test/goldens/make_metrics.py. */
const golden: Golden = JSON.parse(readFileSync(new URL('../goldens/metrics.json', import.meta.url), 'utf8'));
const { truth, mean, deviation, history, season, quantiles, samples } = golden;

/** Numbers that differ by rounding only. */
function expectClose(found: object, wanted: object, digits = 11): void {
  for (const [name, value] of Object.entries(wanted)) {
    expect(found[name as keyof typeof found], name).toBeCloseTo(value as number, digits);
  }
}

describe('numpy and scipy agree on', () => {
  test('errors of points, plain and scaled', () => {
    expectClose(metrics.pointErrors(truth, mean), golden.point);
    expectClose(metrics.scaledErrors(truth, mean, { history, season }), golden.scaled);
  });

  test('scores of quantiles', () => {
    const scores = metrics.quantileScores(truth, quantiles);
    expectClose(scores.pinball, golden.pinball);
    expectClose(scores.coverage, golden.coverage);
    expectClose(scores, { wql: golden.wql, crps: golden.crps.quantiles });
  });

  test('the CRPS: of samples by their pairs, of the normal distribution by its integral', () => {
    expect(metrics.crps(truth, { quantiles }).crps).toBeCloseTo(golden.crps.quantiles, 11);
    expect(metrics.crps(truth, { samples }).crps).toBeCloseTo(golden.crps.samples, 11);
    expect(metrics.crps(truth, { mean, deviation }).crps).toBeCloseTo(golden.crps.normal, 7);
  });

  test.each(['student-t', 'negative-binomial'])('the CRPS of a distribution: its integral, for %s', (family) => {
    for (const { truth: y, parameters, crps: wanted } of golden.families.filter((each) => each.family === family)) {
      const lists = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]));
      const found = metrics.crps([y], { family, parameters: lists }).crps;
      expect(Math.abs(found - wanted), `${y} ${JSON.stringify(parameters)}`).toBeLessThan(1e-9 * wanted + 1e-15);
    }
  });

  test('the energy score of paths', () => {
    const { truth: courses, paths, energy } = golden.courses;
    expect(metrics.energyScore(courses, paths)).toMatchObject({ count: 6, missing: 0 });
    expect(metrics.energyScore(courses, paths).energy).toBeCloseTo(energy, 11);
  });

  test('scores of intervals', () => {
    const interval = { lower: quantiles[0.05]!, upper: quantiles[0.95]! };
    expectClose(metrics.intervalScores(truth, interval, 0.9, { history, season }), golden.interval);
  });

  test.each(golden.dieboldMariano.tests)('Diebold and Mariano with horizon $horizon', ({ horizon, ...wanted }) => {
    const { first, second } = golden.dieboldMariano;
    expectClose(metrics.dieboldMariano(first, second, { horizon }), wanted, 9);
  });

  test.each(golden.wilcoxon.map((each) => [each.first.length, each] as const))('Wilcoxon, %i pairs', (_, each) => {
    const { first, second, ...wanted } = each;
    expectClose(metrics.wilcoxon(first, second), wanted, 10);
  });

  test("the tails of Student's t", () => {
    for (const { t, freedom, p } of golden.twoTails) {
      expect((2 * studentTail(t, freedom)) / p, `t ${t}, ${freedom} degrees of freedom`).toBeCloseTo(1, 8);
    }
  });
});
