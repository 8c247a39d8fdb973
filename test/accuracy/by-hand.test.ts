import { describe, expect, test } from 'vitest';
import * as metrics from '../../lib/accuracy/metrics.ts';

const { NaN: missing } = Number;

describe('worked out by hand:', () => {
  test('errors of points leave out and count missing truths, whatever is forecast there', () => {
    const errors = metrics.pointErrors([1, missing, 3, 0], [2, missing, 0, 0]);
    expect(errors).toEqual({
      count: 3,
      missing: 1,
      mse: (1 + 9) / 3,
      mae: 4 / 3,
      rmse: Math.sqrt(10 / 3),
      smape: (200 / 3 + 200 + 0) / 3,
    });
  });

  test('errors are scaled by the differences of the history a season apart', () => {
    // a season apart: 3, 1, missing, 4; neighbours: 1, 2, missing, missing, 5
    const history = [1, 2, 4, 3, missing, 7];
    const { mase, rmsse } = metrics.scaledErrors([5], [1], { history, season: 2 });
    expect(mase).toBeCloseTo(4 / ((3 + 1 + 4) / 3), 12);
    expect(rmsse).toBeCloseTo(4 / Math.sqrt((9 + 1 + 16) / 3), 12);
    // too short for the season, so neighbours count: 1, 2, 1
    expect(metrics.scaledErrors([5], [1], { history, season: 6 }).mase).toBeCloseTo(4 / ((1 + 2 + 1) / 3), 12);
  });

  test('a quantile of level 0.9 costs nine times as much below the truth as above', () => {
    expect(metrics.quantileScores([10, 10], { 0.9: [9, 11] })).toEqual({
      count: 2,
      missing: 0,
      pinball: { 0.9: (0.9 + (1 - 0.9)) / 2 },
      coverage: { 0.9: 0.5 },
      wql: (2 * (0.9 + (1 - 0.9))) / 20,
      crps: 0.9 + (1 - 0.9),
    });
  });

  test('the CRPS of one sample is the absolute error; of the normal distribution at its mean a known number', () => {
    expect(metrics.crps([3, missing], { samples: [[5], []] })).toEqual({ count: 1, missing: 1, crps: 2 });
    // s (sqrt 2 - 1) / sqrt(pi)
    const normal = metrics.crps([3], { mean: [3], deviation: [2] });
    expect(normal.crps).toBeCloseTo((2 * (Math.SQRT2 - 1)) / Math.sqrt(Math.PI), 14);
  });

  test('an interval costs its width, and 2 / a times what lies outside', () => {
    const interval = { lower: [0, 0, 0], upper: [4, 4, 4] };
    const { coverage, width, winkler, msis } = metrics.intervalScores([4, 5, -2], interval, 0.8);
    expect([coverage, width, msis]).toEqual([1 / 3, 4, missing]);
    expect(winkler).toBeCloseTo(4 + (10 * 1 + 10 * 2) / 3, 12);
  });

  test('classes: the confusion, precision, recall and F1 of three classes, one of them never forecast', () => {
    const truth = ['walk', 'walk', 'run', 'sit', undefined, 'run'];
    const given = ['walk', 'run', 'run', 'walk', 'run', 'run'];
    const scores = metrics.classScores(truth, given);
    expect(scores).toMatchObject({ count: 5, missing: 1, accuracy: 3 / 5, classes: ['run', 'sit', 'walk'] });
    expect(scores.confusion).toEqual([
      [2, 0, 0],
      [0, 0, 1],
      [1, 0, 1],
    ]);
    expect(scores.byClass).toEqual([
      { count: 2, precision: 2 / 3, recall: 1, f1: 0.8 },
      { count: 1, precision: 0, recall: 0, f1: 0 },
      { count: 2, precision: 1 / 2, recall: 1 / 2, f1: 0.5 },
    ]);
    expect(scores.macroF1).toBeCloseTo((0.8 + 0 + 0.5) / 3, 12);
    expect(metrics.classScores([10, 9, missing], [10, 9, 9]).classes).toEqual([9, 10]);
  });

  test('the delay after a change is the rows until the new class is given, if it is before the next change', () => {
    //             v           v        v        v
    const truth = ['a', 'a', 'b', 'b', 'c', 'a', undefined, 'b'];
    const given = ['a', 'b', 'a', 'b', 'b', 'c', 'a', 'b'];
    const found = metrics.changeDelays(truth, given);
    expect(found).toEqual({ changes: 4, found: 2, delays: [1, missing, missing, 0], mean: 0.5, median: 0.5 });
    expect(metrics.changeDelays(['a'], ['a'])).toMatchObject({ changes: 0, found: 0, mean: missing, median: missing });
  });

  test('the p of a difference of -1 in each of five series is 2 / 2^5', () => {
    const test = metrics.wilcoxon([1, 2, 3, 4, 5], [2, 3, 4, 5, 6]);
    expect(test).toMatchObject({ count: 5, difference: -1, statistic: 0, p: 2 / 32, verdict: 'noise' });
    expect(test.text).toBe(
      'This may be noise: the first and the second differ too little to be told apart (p = 0.0625).',
    );
    const six = metrics.wilcoxon([1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6, 7], { names: ['GRU', 'LSTM'] });
    expect(six).toMatchObject({ p: 2 / 64, verdict: 'first' });
    expect(six.text).toBe('Not noise: GRU is better than LSTM (p = 0.0313).');
  });

  test('losses that are equal differ by nothing, and those that always differ as much by no noise', () => {
    const losses = [1, 5, 2, 8];
    expect(metrics.dieboldMariano(losses, losses)).toMatchObject({ statistic: 0, p: 1, verdict: 'noise' });
    expect(metrics.wilcoxon(losses, losses)).toMatchObject({ p: 1, verdict: 'noise' });
    const worse = losses.map((loss) => loss + 1);
    expect(metrics.dieboldMariano(worse, losses)).toMatchObject({ difference: 1, p: 0, verdict: 'second' });
  });

  test('pairs with a missing loss are left out and counted', () => {
    const one = metrics.dieboldMariano([1, missing, 3, 5], [2, 4, missing, 7]);
    expect(one).toMatchObject({ count: 2, missing: 2, difference: -1.5 });
  });
});
