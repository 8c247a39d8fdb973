import { describe, expect, it } from 'vitest';
import { ScoreKeeper } from '../../lib/cli/live/score.ts';

/** Feeds `keeper` with `length` samples of `truth` and the claims that `predict` makes from the index of the sample. */
function run(
  keeper: ScoreKeeper,
  length: number,
  truth: (t: number) => number[],
  predict: (t: number) => number[],
  room = 0.5,
) {
  return Array.from({ length }, (_, t) => {
    const mean = predict(t);
    return keeper.observe(truth(t), { mean, lower: mean.map((v) => v - room), upper: mean.map((v) => v + room) });
  });
}

describe('ScoreKeeper', () => {
  it('gives a perfect forecaster on y = t no error, and repeating an error of the mean lead', () => {
    const keeper = new ScoreKeeper(1, 4);
    run(
      keeper,
      50,
      (t) => [t],
      (t) => [t + 1, t + 2, t + 3, t + 4],
    );
    const { mae, naiveMae, skill, coverage, steps } = keeper.sensor(0);
    expect(mae).toBe(0);
    expect(skill).toBe(1);
    expect(coverage).toBe(1);
    // 49 forecasts had their first step come true, 48 their second, 47, 46.
    expect(steps).toBe(49 + 48 + 47 + 46);
    expect(naiveMae).toBeCloseTo((49 + 2 * 48 + 3 * 47 + 4 * 46) / steps, 12);
  });

  it('sees a forecaster that is one step late', () => {
    const keeper = new ScoreKeeper(1, 4);
    run(
      keeper,
      50,
      (t) => [t],
      (t) => [t, t + 1, t + 2, t + 3],
    );
    expect(keeper.sensor(0).mae).toBe(1);
    expect(keeper.sensor(0).coverage).toBe(0);
  });

  it('gives repeating the last value a skill of zero', () => {
    const keeper = new ScoreKeeper(1, 3);
    const y = (t: number) => Math.sin(t * t);
    run(
      keeper,
      80,
      (t) => [y(t)],
      (t) => [y(t), y(t), y(t)],
    );
    expect(keeper.sensor(0).skill).toBe(0);
  });

  it('counts the share of true values inside the interval', () => {
    const keeper = new ScoreKeeper(1, 1);
    // The truth is 0.4 off in three of four samples and 0.6 off in the fourth.
    run(
      keeper,
      401,
      (t) => [t + (t % 4 === 0 ? 0.6 : 0.4)],
      (t) => [t + 1],
    );
    expect(keeper.sensor(0).coverage).toBe(0.75);
  });

  it('keeps targets apart, says nothing of one that stands still, and takes the median of the others', () => {
    const keeper = new ScoreKeeper(4, 1);
    run(
      keeper,
      30,
      (t) => [7, t, t, t],
      (t) => [7, t + 1, t + 0.5, t - 2],
    );
    expect(keeper.sensor(0)).toMatchObject({ skill: undefined, coverage: undefined });
    expect([1, 2, 3].map((i) => keeper.sensor(i).skill)).toEqual([1, 0.5, -2]);
    expect(keeper.total()).toEqual({ skill: 0.5, moving: 3, better: 2, coverage: 2 / 3 });
  });

  it('has no score before a truth has come, and leaves missing values out', () => {
    const keeper = new ScoreKeeper(1, 2);
    expect(keeper.total()).toEqual({ skill: undefined, coverage: undefined, moving: 0, better: 0 });
    run(
      keeper,
      40,
      (t) => [t === 20 ? Number.NaN : t],
      (t) => [t + 1, t + 2],
    );
    const { mae, steps } = keeper.sensor(0);
    expect(mae).toBe(0);
    // Two that would have been scored at sample 20, and two made there.
    expect(steps).toBe(39 + 38 - 4);
  });

  it('scores what was said before a pause in forecasting', () => {
    const keeper = new ScoreKeeper(1, 3);
    keeper.observe([0], { mean: [1, 2, 3], lower: [0, 0, 0], upper: [9, 9, 9] });
    for (let t = 1; t < 10; t++) keeper.observe([t]);
    expect(keeper.sensor(0)).toMatchObject({ steps: 3, mae: 0, naiveMae: 2 });
  });

  it('gives back what had been said of this sample a whole horizon ago', () => {
    const keeper = new ScoreKeeper(2, 2);
    const bands = run(
      keeper,
      5,
      (t) => [t, 10 * t],
      (t) => [t + 1, t + 2, 10 * t + 10, 10 * t + 20],
    );
    expect(bands.slice(0, 2)).toEqual([undefined, undefined]);
    expect(bands[3]).toEqual({ lower: Float64Array.of(2.5, 29.5), upper: Float64Array.of(3.5, 30.5) });
  });
});
