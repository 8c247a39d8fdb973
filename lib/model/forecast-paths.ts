import { misfit } from '../base/errors.ts';
import { Noise, normalOf } from '../base/noise.ts';
import { normalQuantile, upperTail } from '../base/normal.ts';
import { object, whole } from '../base/schema.ts';
import { quantile } from '../base/sorted.ts';
import { type Correction, correctionOf } from './correction.ts';
import type { Forecast, ForecastShape } from './forecast.ts';
import { headOf } from './heads/heads.ts';
import { NormalScores } from './normal-scores.ts';
import { MOST_PATHS } from './paths.ts';

export interface PathOptions {
  /**
   * A whole number from 0, below 2^32; default 1. Take another one for each series whose paths are to be independent of
   * those of the others.
   */
  seed?: number;
}

const checkCount = whole(1, MOST_PATHS);
const checkOptions = object<PathOptions>({ seed: whole(0, 2 ** 32 - 1) }, ['seed']);

/** As `Forecast.paths`. */
export function drawPaths(forecast: Forecast, shape: ForecastShape, paths: number, options: PathOptions): Float64Array {
  const count = checkCount(paths, 'the count of paths');
  const { seed = 1 } = checkOptions(options, 'options');
  const { targets, horizon, dependence } = shape;
  if (shape.paths) {
    const drawn = shape.paths.count;
    if (count > drawn) throw misfit(`at most ${drawn}, which the forecaster drew,`, 'the count of paths', count);
    return correctedSamples(forecast, shape).subarray(0, count * targets.length * horizon);
  }
  if (horizon > 1 && !dependence) {
    throw misfit('a trained model that knows how its steps go together, for paths', 'the model', 'one without');
  }
  const valueAt = valuesOf(forecast, shape);
  const values = new Float64Array(count * targets.length * horizon);
  const noise = new Noise();
  for (let p = 0, at = 0; p < count; p++) {
    for (let t = 0; t < targets.length; t++) {
      let score = 0;
      for (let step = 0; step < horizon; step++, at++) {
        const i = t * horizon + step;
        noise.at(seed, p, i);
        const before = step === 0 ? 0 : dependence![t]![step - 1]!;
        score = before * score + Math.sqrt(1 - before * before) * normalOf(noise.first, noise.second);
        values[at] = valueAt(i, score);
      }
    }
  }
  return values;
}

/** The paths that the forecaster drew, moved as far as the stream has corrected their quantiles. */
function correctedSamples(forecast: Forecast, shape: ForecastShape): Float64Array {
  const { targets, horizon, paths } = shape;
  const within = withinBounds(shape);
  const samples = forecast.samples!;
  const count = targets.length * horizon;
  const values = new Float64Array(paths!.count);
  for (let i = 0; i < count; i++) {
    for (let p = 0; p < values.length; p++) values[p] = samples[p * count + i]!;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const sorted = values.toSorted();
    const correct = correctionAt(forecast, count, i, mean, (level) => quantile(sorted, level));
    if (!correct) continue;
    const ranks = Array.from(values, (_, p) => p).sort((a, b) => values[a]! - values[b]!);
    ranks.forEach((p, rank) => {
      samples[p * count + i] = within(i, correct(values[p]!, rank / (values.length - 1)));
    });
  }
  return samples;
}

/**
 * What a stream has corrected at a place in [targets][horizon], of a distribution with this mean and these quantiles.
 * If the forecast has no quantiles, its mean tells.
 */
function correctionAt(
  { numbers, levels }: Forecast,
  count: number,
  i: number,
  mean: number,
  quantileOf: (level: number) => number,
): Correction | undefined {
  if (levels.length === 0) return correctionOf([0.5], [mean], [numbers[i]!]);
  return correctionOf(
    levels,
    levels.map(quantileOf),
    levels.map((_, l) => numbers[(1 + l) * count + i]!),
  );
}

/** The function that gives the value with a normal score, of the target and step of a place in [targets][horizon]. */
function valuesOf(forecast: Forecast, shape: ForecastShape): (i: number, score: number) => number {
  const { classes, distribution } = forecast;
  const { levels, horizon, targets } = shape;
  const count = targets.length * horizon;
  if (classes) {
    const chances = [...classes.probabilities.values()];
    return (i, score) => classAt(chances, i, 1 - upperTail(score));
  }
  const within = withinBounds(shape);
  if (distribution) {
    const family = headOf(distribution.family).family!;
    const columns = family.parameters.map((name) => distribution.parameters[name]!);
    const scores = new Map(levels.map((level) => [level, normalQuantile(level)]));
    const places = Array.from({ length: count }, (_, i) => {
      const own = Float64Array.from(columns, (column) => column[i]!);
      const mean = within(i, own[0]!);
      const at = (level: number) => within(i, family.quantile(own, level, scores.get(level)!));
      return { own, correct: correctionAt(forecast, count, i, mean, at) };
    });
    return (i, score) => {
      const { own, correct } = places[i]!;
      const p = 1 - upperTail(score);
      const value = within(i, family.quantile(own, p, score));
      return correct ? within(i, correct(value, p)) : value;
    };
  }
  if (levels.length < 2) throw misfit('a forecast with at least two quantiles, for paths', 'the levels', levels);
  const scores = new NormalScores(levels);
  return (i, score) => within(i, scores.value(score, forecast.numbers, count + i, count));
}

/** The function that moves a value at a place in [targets][horizon] to the nearest one within its bounds. */
function withinBounds({ bounds, horizon }: ForecastShape): (i: number, value: number) => number {
  return (i, value) => {
    const { min = -Infinity, max = Infinity } = bounds?.[Math.floor(i / horizon)] ?? {};
    return Math.min(Math.max(value, min), max);
  };
}

/** The place of the class in which the share `p` of the probability, in the order of the classes, is reached. */
function classAt(chances: readonly Float64Array[], i: number, p: number): number {
  let sum = 0;
  for (let k = 0; k < chances.length - 1; k++) {
    sum += chances[k]![i]!;
    if (p < sum) return k;
  }
  return chances.length - 1;
}
