import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Likelihood } from '../../lib/online/anomaly/likelihood.ts';
import { Moments } from '../../lib/online/statistics/moments.ts';
import { normalQuantile, upperTail } from '../../lib/base/normal.ts';
import { Tail } from '../../lib/online/anomaly/tail.ts';
import { gaussian, rowOf, uniform } from './random.ts';

describe('the normal distribution', () => {
  it('has the tails and quantiles of the tables', () => {
    for (const [z, tail] of [
      [0, 0.5],
      [1, 0.15865525393145705],
      [1.96, 0.024997895148220435],
      [3, 0.0013498980316300933],
      [6, 9.86587645037698e-10],
      [20, 2.7536241186062337e-89],
      [-1.5, 0.9331927987311419],
    ] as const) {
      expect(upperTail(z) / tail).toBeCloseTo(1, 11);
    }
    for (const [p, z] of [
      [0.5, 0],
      [0.975, 1.959963984540054],
      [0.05, -1.6448536269514729],
      [0.9, 1.2815515655446004],
      [1e-6, -4.753424308822899],
    ] as const) {
      expect(normalQuantile(p)).toBeCloseTo(z, 10);
    }
  });
});

describe('moments', () => {
  it('are mean and deviation of all numbers while the memory lasts', () => {
    const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(numbers, (values) => {
        const moments = new Moments(50);
        const row = rowOf(moments);
        for (const value of values) moments.add(row, 0, value);
        const mean = values.reduce((a, b) => a + b) / values.length;
        const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
        expect(Math.abs(row[1]! - mean)).toBeLessThan(1e-8);
        if (deviation > 1e-3) expect(moments.deviation(row, 0) / deviation).toBeCloseTo(1, 6);
      }),
    );
  });

  it('then follow the last ones', () => {
    const moments = new Moments(100);
    const row = rowOf(moments);
    const noise = gaussian(1);
    for (let t = 0; t < 5000; t++) moments.add(row, 0, t < 4000 ? noise() : 50 + 3 * noise());
    expect(row[1]!).toBeCloseTo(50, -0.5);
    expect(moments.deviation(row, 0)).toBeGreaterThan(2.3);
    expect(moments.deviation(row, 0)).toBeLessThan(3.7);
  });

  it('learn of a far outlier as if it were four deviations out', () => {
    const moments = new Moments(1000);
    const row = rowOf(moments);
    const noise = gaussian(3);
    for (let t = 0; t < 1000; t++) moments.add(row, 0, noise());
    const [mean, deviation] = [row[1]!, moments.deviation(row, 0)];
    expect(moments.lesson(row, 0, 1e100)).toBe(mean + 4 * deviation);
    expect(moments.lesson(row, 0, -1e100)).toBe(mean - 4 * deviation);
    expect(moments.lesson(row, 0, 2)).toBe(2);
  });

  it('of a constant find nothing but another value far out, and learn that', () => {
    const moments = new Moments(100);
    const row = rowOf(moments);
    for (let t = 0; t < 500; t++) moments.add(row, 0, moments.lesson(row, 0, 0.3));
    expect(moments.standardise(row, 0, 0.1 + 0.2)).toBe(0);
    expect(moments.standardise(row, 0, 0.2)).toBe(-1e6);
    for (let t = 0; t < 500; t++) moments.add(row, 0, moments.lesson(row, 0, 0.2));
    expect(Math.abs(moments.standardise(row, 0, 0.2))).toBeLessThan(1);
  });
});

describe('the learned tail', () => {
  /** The rarity it gives `score` after learning 20,000 scores of chance. */
  function rarityAfter(scoreOf: () => number, ...scores: number[]): number[] {
    const tail = new Tail(10_000);
    const row = rowOf(tail);
    for (let t = 0; t < 20_000; t++) tail.learn(row, 0, scoreOf());
    return scores.map((score) => tail.rarity(row, 0, score));
  }

  it('is that of exponential scores, where P(score > s) = exp(-s)', () => {
    for (const seed of [1, 2, 3]) {
      const random = uniform(seed);
      const [common, rare, rarest] = rarityAfter(() => -Math.log(random()), 2, 6, 12);
      expect(common).toBeCloseTo(2, 0);
      expect(Math.abs(rare! - 6)).toBeLessThan(0.6);
      expect(Math.abs(rarest! - 12)).toBeLessThan(2);
    }
  });

  it('is that of half the square of normal scores, near enough', () => {
    const noise = gaussian(4);
    for (const z of [2.5, 3.5, 4.5]) {
      const [rarity] = rarityAfter(() => noise() ** 2 / 2, z ** 2 / 2);
      const exact = -Math.log(2 * upperTail(z));
      expect(Math.abs(rarity! - exact)).toBeLessThan(0.2 * exact);
    }
  });

  it('has no unit: scores a hundred times larger are as rare', () => {
    const [one, hundred] = [uniform(5), uniform(5)];
    const [small] = rarityAfter(() => -Math.log(one()), 8);
    const [large] = rarityAfter(() => -100 * Math.log(hundred()), 800);
    expect(large! / small!).toBeCloseTo(1, 1);
  });

  it('rises with the score and starts at 0', () => {
    const random = uniform(6);
    const rarities = rarityAfter(() => -Math.log(random()), 0, 0.1, 1, 3, 3.9, 4, 5, 100, 1e12);
    expect(rarities[0]).toBe(0);
    for (let i = 1; i < rarities.length; i++) expect(rarities[i]).toBeGreaterThan(rarities[i - 1]!);
  });

  it('is not blinded by monstrous scores', () => {
    const tail = new Tail(10_000);
    const row = rowOf(tail);
    const random = uniform(7);
    const learn = (times: number) => {
      for (let t = 0; t < times; t++) tail.learn(row, 0, -Math.log(random()));
    };
    learn(20_000);
    const before = tail.rarity(row, 0, 12);
    tail.learn(row, 0, 1e12);
    expect(tail.rarity(row, 0, 12)).toBeGreaterThan(0.95 * before);
  });
});

describe('the anomaly likelihood', () => {
  it('is 1 - Q of how far the last ten lie above the long mean', () => {
    const likelihood = new Likelihood(1000);
    const row = rowOf(likelihood);
    const scores = Array.from({ length: 200 }, (_, t) => (t % 2) + (t >= 195 ? 1 : 0));
    const given = scores.map((score) => likelihood.take(row, 0, score));
    // Before the last sample: 199 scores. The last ten: five of 0, 1 ... and five raised by 1.
    const long = scores.slice(0, 199);
    const mean = long.reduce((a, b) => a + b) / 199;
    const deviation = Math.sqrt(long.reduce((sum, score) => sum + (score - mean) ** 2, 0) / 199);
    const short = scores.slice(-10).reduce((a, b) => a + b) / 10;
    expect(given.at(-1)).toBeCloseTo(1 - upperTail((short - mean) / deviation), 12);
    expect(given[150]).toBeCloseTo(0.5, 1);
  });

  it('believes a stretch of high scores rather than a lone one', () => {
    const alone = new Likelihood(1000);
    const [one, many] = [rowOf(alone), rowOf(alone)];
    const noise = gaussian(2);
    for (let t = 0; t < 1000; t++) {
      const score = noise() ** 2 / 2;
      alone.take(one, 0, score);
      alone.take(many, 0, score);
    }
    const lone = alone.take(one, 0, 4);
    let stretch = 0;
    for (let t = 0; t < 10; t++) stretch = alone.take(many, 0, 4);
    expect(lone).toBeLessThan(0.8);
    expect(stretch).toBeGreaterThan(0.999);
  });
});
