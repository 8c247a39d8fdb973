import { expect, test } from 'vitest';
import * as metrics from '../../lib/accuracy/metrics.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const { NaN: missing, POSITIVE_INFINITY: infinity } = Number;

test.each<[string, () => unknown, RegExp]>([
  [
    'no values',
    () => metrics.pointErrors([], []),
    /at least one known value for the true values but received an array/,
  ],
  ['only missing truths', () => metrics.pointErrors([missing], [1]), /at least one known value for the true values/],
  ['an infinite truth', () => metrics.pointErrors([1, infinity], [1, 1]), /for the true values\[1\] but .* Infinity/],
  ['an infinite forecast', () => metrics.pointErrors([1], [-infinity]), /for the forecasts\[0\] but .* -Infinity/],
  [
    'no forecast of a known truth',
    () => metrics.pointErrors([1], [missing]),
    /where the truth is known for the foreca/,
  ],
  ['lists of different lengths', () => metrics.pointErrors([1, 2], [1]), /2 numbers for the forecasts/],
  ['text', () => metrics.pointErrors(['1'] as never, [1]), /for the true values\[0\] but received "1"/],
  ['no list', () => metrics.pointErrors(5 as never, [1]), /a list of numbers for the true values but received 5/],
  ['a level of 1', () => metrics.quantileScores([1], { 1: [1] }), /levels between 0 and 1 for the quantiles/],
  ['no levels', () => metrics.quantileScores([1], {}), /lists of quantiles by level for the quantiles/],
  ['levels in per cent', () => metrics.intervalScores([1], { lower: [0], upper: [2] }, 80), /between 0 and 1/],
  [
    'bounds that cross',
    () => metrics.intervalScores([1], { lower: [3], upper: [2] }, 0.8),
    /at most the upper bound, 2/,
  ],
  ['no samples', () => metrics.crps([1], { samples: [[]] }), /at least one sample for samples\[0\]/],
  [
    'no deviation',
    () => metrics.crps([1], { mean: [1], deviation: [0] }),
    /a positive number for the forecast\.deviation\[0\]/,
  ],
  [
    'one degree of freedom',
    () => metrics.crps([1], { family: 'student-t', parameters: { location: [1], scale: [1], freedom: [1] } }),
    /a number above 1 for the forecast\.parameters\.freedom\[0\]/,
  ],
  [
    'no parameter',
    () => metrics.crps([1], { family: 'gaussian', parameters: { mean: [1] } }),
    /1 numbers for the forecast\.parameters\.deviation/,
  ],
  [
    'no family',
    () => metrics.crps([1], { family: 'poisson', parameters: {} }),
    /'negative-binomial' for the forecast.family/,
  ],
  ['no path', () => metrics.energyScore([[1, 2]], [[]]), /at least one path for the paths\[0\]/],
  ['a path too short', () => metrics.energyScore([[1, 2]], [[[1]]]), /2 numbers for the paths\[0\]\[0\]/],
  ['no complete course', () => metrics.energyScore([[1, Number.NaN]], [[[1, 2]]]), /at least one complete course/],
  [
    'no distribution',
    () => metrics.crps([1], { median: [1] } as never),
    /\{ quantiles \}, \{ samples \}, \{ mean, deviation \} or/,
  ],
  ['a season of 0', () => metrics.scaledErrors([1], [1], { history: [1, 2], season: 0 }), /season/],
  ['no class known', () => metrics.classScores([undefined], ['a']), /at least one known class/],
  ['no class given', () => metrics.classScores(['a'], [undefined]), /a class where the truth is known/],
  ['one name', () => metrics.wilcoxon([1], [2], { names: ['a'] as never }), /two names for options.names/],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(gatecastError('invalid-argument', message));
});

test.each<[string, () => unknown, RegExp]>([
  ['a history that does not move', () => metrics.scaledErrors([1], [1], { history: [3, 3, 3] }), /history with values/],
  ['too few losses', () => metrics.dieboldMariano([1, 2, 3], [1, 2, 4], { horizon: 2 }), /at least 4 pairs.* found 3/],
  ['no losses', () => metrics.wilcoxon([], []), /at least one pair of losses/],
])('says that nothing follows from %s', (_, call, message) => {
  expect(call).toThrow(gatecastError('invalid-data', message));
});
