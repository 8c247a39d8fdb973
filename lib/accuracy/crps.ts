import { misfit } from '../base/errors.ts';
import { density, upperTail } from '../base/normal.ts';
import { type Check, isList, object } from '../base/schema.ts';
import { isRecord, reading } from '../base/values.ts';
import { type Counts, eachKnown, forecastsOf, numbersOf, truthOf } from './known-values.ts';
import { quantileScores } from './quantiles.ts';

/** A forecast distribution for each true value: quantiles by level, samples, or a normal distribution. */
export type ForecastDistribution =
  | { quantiles: Readonly<Record<number, ArrayLike<number>>> }
  | { samples: ArrayLike<ArrayLike<number>> }
  | { mean: ArrayLike<number>; deviation: ArrayLike<number> };

export interface CrpsScore extends Counts {
  /** Mean continuous ranked probability score, in the unit of the values; for a single point the absolute error. */
  crps: number;
}

/** For what is checked together with the true values. */
const later: Check<object> = (value) => value as object;
const checkQuantiles = object<{ quantiles: object }>({ quantiles: later });
const checkSamples = object<{ samples: object }>({ samples: later });
const checkNormal = object<{ mean: object; deviation: object }>({ mean: later, deviation: later });

/**
 * The continuous ranked probability score, the mean of the integral of (F(x) - [x >= y])^2 over x, for forecast
 * distributions F of true values y (Gneiting and Raftery, Journal of the American Statistical Association 102, 2007):
 *
 * - of `quantiles` by level, as `quantileScores` approximates it;
 * - of `samples`, a list for each true value, as of their empirical distribution: the mean of |x - y|, less half the
 *   mean of |x - x'| over all pairs;
 * - of normal distributions with `mean` and `deviation`, exactly: s (z (2 P(z) - 1) + 2 p(z) - 1 / sqrt(pi)), where z =
 *   (y - mean) / s, and P and p are the standard normal distribution and its density.
 *
 * Missing truths (NaN) are left out and counted. Throws `invalid-argument` as `pointErrors` does, and for a deviation
 * that is not positive and a list without samples.
 */
export function crps(truth: ArrayLike<number>, forecast: ForecastDistribution): CrpsScore {
  const known = truthOf(truth);
  const gives = (name: string) => reading('the forecast', () => isRecord(forecast) && name in forecast);
  if (gives('quantiles')) return ofQuantiles(known, checkQuantiles(forecast, 'the forecast').quantiles);
  if (gives('samples')) return ofSamples(known, checkSamples(forecast, 'the forecast').samples);
  if (gives('mean')) return ofNormal(known, checkNormal(forecast, 'the forecast'));
  throw misfit('{ quantiles }, { samples } or { mean, deviation }', 'the forecast', forecast);
}

function ofQuantiles(truth: ArrayLike<number>, quantiles: object): CrpsScore {
  const { count, missing, crps } = quantileScores(truth, quantiles as Record<number, ArrayLike<number>>);
  return { count, missing, crps };
}

function ofSamples(truth: ArrayLike<number>, samples: object): CrpsScore {
  const lists = reading('the samples', () => {
    if (isList(samples) && samples.length === truth.length) return Array.from(samples);
    throw misfit(`${truth.length} lists`, 'the samples', samples);
  });
  let sum = 0;
  const counts = eachKnown(truth, (i) => {
    const list = numbersOf(lists[i], `samples[${i}]`, true);
    if (list.length === 0) throw misfit('at least one sample', `samples[${i}]`, lists[i]);
    sum += sampleCrps(truth[i]!, Float64Array.from(list).sort());
  });
  return { ...counts, crps: sum / counts.count };
}

/** Of ascending samples. Sample i, from 0, is the greater one of i pairs and the smaller one of the others. */
function sampleCrps(truth: number, sorted: Float64Array): number {
  const count = sorted.length;
  let distance = 0;
  let spread = 0;
  for (let i = 0; i < count; i++) {
    distance += Math.abs(sorted[i]! - truth);
    spread += (2 * i + 1 - count) * sorted[i]!;
  }
  return distance / count - spread / (count * count);
}

function ofNormal(truth: ArrayLike<number>, { mean, deviation }: { mean: object; deviation: object }): CrpsScore {
  const means = forecastsOf(mean, 'the means', truth);
  const deviations = forecastsOf(deviation, 'the deviations', truth);
  let sum = 0;
  const counts = eachKnown(truth, (i) => {
    if (!(deviations[i]! > 0)) throw misfit('a positive number', `the deviations[${i}]`, deviations[i]);
    sum += normalCrps(truth[i]!, means[i]!, deviations[i]!);
  });
  return { ...counts, crps: sum / counts.count };
}

function normalCrps(truth: number, mean: number, deviation: number): number {
  const z = (truth - mean) / deviation;
  return deviation * (z * (1 - 2 * upperTail(z)) + 2 * density(z) - 1 / Math.sqrt(Math.PI));
}
