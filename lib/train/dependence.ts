import { normalQuantile } from '../base/normal.ts';
import type { Forecast } from '../model/forecast.ts';
import { wordNumber } from '../model/inputs/word.ts';
import type { Model } from '../model/model.ts';
import type { ModelParts } from '../model/parts.ts';
import type { TrainedDescription, TrainedModel } from '../model/trained-model.ts';
import { NormalScores } from '../model/normal-scores.ts';
import type { SeriesRows } from './plan.ts';
import { forecastValidation } from './validation-forecasts.ts';

/** Most true values that are scored: with many outputs, fewer rows are forecast from. */
const MOST_SCORES = 1_000_000;
/** A rarer value counts as this rare, in normal scores. */
const FARTHEST = 4;
/** With fewer pairs of a step, those of all steps of the target count. */
const LEAST_PAIRS = 30;
/** Steps that went together exactly: a few rows do not show that they always will. */
const MOST = 0.999;

/**
 * The model of these parts, which knows how the steps of its forecasts go together if the validation rows tell;
 * undefined if `signal` aborts meanwhile.
 */
export async function withDependence<D extends TrainedDescription, M extends TrainedModel<D>>(
  parts: ModelParts<D>,
  make: (parts: ModelParts<D>) => M,
  series: readonly SeriesRows[],
  signal: AbortSignal,
): Promise<M | undefined> {
  const { dependence: _, ...description } = parts.description; // that of a model that learning went on from
  const plain = make({ ...parts, description: description as D });
  const dependence = await dependenceOf(plain, series, signal);
  if (dependence === undefined && !signal.aborted) return plain;
  plain.dispose();
  if (signal.aborted) return undefined;
  return make({ ...parts, description: { ...parts.description, dependence } });
}

/**
 * How much each step of a forecast goes with the step before, [targets][horizon - 1]: over the validation rows, the
 * correlation of the normal scores that their true values have in the forecast (of a Gaussian copula, as in Pinson et
 * al., 2009, "From probabilistic forecasts to statistical scenarios of short-term wind power production"). Undefined
 * for one step, for a forecast without quantiles, without pairs of true values, or if `signal` aborts meanwhile.
 */
async function dependenceOf(
  model: Model,
  series: readonly SeriesRows[],
  signal: AbortSignal,
): Promise<readonly (readonly number[])[] | undefined> {
  const { targets, horizon, levels, classes } = model.description;
  if (horizon === 1 || (!classes && levels.length < 2)) return undefined;
  const scoreOf = classes ? scoreOfClass(classes) : scoreOfNumber(levels, targets.length * horizon);
  const pairs = targets.map(() => Array.from({ length: horizon - 1 }, () => new Pairs()));
  const scores = new Float64Array(targets.length * horizon);
  const done = await forecastValidation(model, series, MOST_SCORES, signal, ({ forecast, truth }) => {
    for (let i = 0; i < scores.length; i++) scores[i] = scoreOf(forecast, i, truth(i));
    pairs.forEach((steps, t) => {
      steps.forEach((pair, step) => pair.add(scores[t * horizon + step]!, scores[t * horizon + step + 1]!));
    });
  });
  const all = pairs.map((steps) => steps.reduce((sum, pair) => sum.plus(pair), new Pairs()));
  if (!done || all.some(({ count }) => count < 2)) return undefined;
  return pairs.map((steps, t) =>
    steps.map((pair) => Number((pair.count < LEAST_PAIRS ? all[t]! : pair).correlation.toFixed(3))),
  );
}

/** The normal score of a true value in a forecast, at a place in [targets][horizon]. */
type ScoreOf = (forecast: Forecast, i: number, truth: number) => number;

function scoreOfNumber(levels: readonly number[], count: number): ScoreOf {
  const scores = new NormalScores(levels);
  return ({ numbers }, i, truth) => scores.score(truth, numbers, count + i, count, FARTHEST);
}

/** Classes in their order share the probability; the score of one is the normal quantile of the middle of its share. */
function scoreOfClass(classes: readonly string[]): ScoreOf {
  const words = classes.map(wordNumber);
  return ({ numbers }, i, truth) => {
    const place = words.indexOf(truth);
    if (place < 0) return Number.NaN;
    const count = numbers.length / (1 + words.length); // a forecast of classes has a mean and their probabilities
    let below = 0;
    for (let k = 0; k < place; k++) below += numbers[(1 + k) * count + i]!;
    const middle = below + numbers[(1 + place) * count + i]! / 2;
    return Math.min(Math.max(normalQuantile(Math.min(Math.max(middle, 1e-6), 1 - 1e-6)), -FARTHEST), FARTHEST);
  };
}

/** Sums over pairs of numbers. */
class Pairs {
  count = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #yy = 0;
  #xy = 0;

  /** Leaves out a pair in which a number is missing. */
  add(x: number, y: number): void {
    if (!Number.isFinite(x + y)) return;
    this.count += 1;
    this.#x += x;
    this.#y += y;
    this.#xx += x * x;
    this.#yy += y * y;
    this.#xy += x * y;
  }

  plus(other: Pairs): this {
    this.count += other.count;
    this.#x += other.#x;
    this.#y += other.#y;
    this.#xx += other.#xx;
    this.#yy += other.#yy;
    this.#xy += other.#xy;
    return this;
  }

  /** Within +-0.999; 0 if one of both never changes. */
  get correlation(): number {
    const { count } = this;
    const varianceX = this.#xx - this.#x ** 2 / count;
    const varianceY = this.#yy - this.#y ** 2 / count;
    const spread = Math.sqrt(varianceX * varianceY);
    const correlation = (this.#xy - (this.#x * this.#y) / count) / spread;
    return Number.isFinite(correlation) ? Math.min(Math.max(correlation, -MOST), MOST) : 0;
  }
}
