import { misfit } from '../base/errors.ts';
import { type Check, isList, object, oneOf } from '../base/schema.ts';
import { isRecord, reading } from '../base/values.ts';
import { families } from './families.ts';
import { type Counts, eachKnown, forecastsOf, numbersOf, truthOf } from './known-values.ts';
import { quantileScores } from './quantiles.ts';

/**
 * A forecast distribution for each true value: quantiles by level, samples, a normal distribution, or one of a family
 * as `forecast.distribution` gives it.
 */
export type ForecastDistribution =
  | { quantiles: Readonly<Record<number, ArrayLike<number>>> }
  | { samples: ArrayLike<ArrayLike<number>> }
  | { mean: ArrayLike<number>; deviation: ArrayLike<number> }
  | { family: string; parameters: Readonly<Record<string, ArrayLike<number>>> };

export interface CrpsScore extends Counts {
  /** Mean continuous ranked probability score, in the unit of the values; for a single point the absolute error. */
  crps: number;
}

/** For what is checked together with the true values. */
const later: Check<object> = (value) => value as object;
const checkQuantiles = object<{ quantiles: object }>({ quantiles: later });
const checkSamples = object<{ samples: object }>({ samples: later });
const checkNormal = object<{ mean: ArrayLike<number>; deviation: ArrayLike<number> }>({
  mean: later as never,
  deviation: later as never,
});
const checkFamily = object<{ family: string; parameters: object }>({
  family: oneOf(...Object.keys(families)),
  parameters: later,
});

/**
 * The continuous ranked probability score, the mean of the integral of (F(x) - [x >= y])^2 over x, for forecast
 * distributions F of true values y (Gneiting and Raftery, Journal of the American Statistical Association 102, 2007):
 *
 * - of `quantiles` by level, as `quantileScores` approximates it;
 * - of `samples`, a list for each true value, an estimate for the distribution that they were drawn from, right on
 *   average however few they are: the mean of |x - y|, less half the mean of |x - x'| over all pairs of two samples
 *   (Ferro, Quarterly Journal of the Royal Meteorological Society 140, 2014). It may be below 0. One sample is a point;
 * - of normal distributions with `mean` and `deviation` s, exactly: s (z (2 P(z) - 1) + 2 p(z) - 1 / sqrt(pi)), where z
 *   = (y - mean) / s, and P and p are the standard normal distribution and its density;
 * - of a `family` with its `parameters`, exactly. 'gaussian': as above. 'student-t' with `freedom` n: scale (z (2 P(z)
 *   - 1) + (2 p(z) (n + z^2) - 2 sqrt(n) B(1/2, n - 1/2) / B(1/2, n/2)^2) / (n - 1)). 'negative-binomial': with the
 *   hypergeometric function of Wei and Held (Test 23, 2014). Jordan, Krueger and Lerch (Journal of Statistical Software
 *   90, 2019) list them all.
 *
 * Missing truths (NaN) are left out and counted. Throws `invalid-argument` as `pointErrors` does, and for a parameter
 * out of range, such as a deviation that is not positive or a `freedom` of 1, and a list without samples.
 */
export function crps(truth: ArrayLike<number>, forecast: ForecastDistribution): CrpsScore {
  const known = truthOf(truth);
  const gives = (name: string) => reading('the forecast', () => isRecord(forecast) && name in forecast);
  if (gives('quantiles')) return ofQuantiles(known, checkQuantiles(forecast, 'the forecast').quantiles);
  if (gives('samples')) return ofSamples(known, checkSamples(forecast, 'the forecast').samples);
  if (gives('mean')) return ofFamily(known, 'gaussian', checkNormal(forecast, 'the forecast'), 'the forecast');
  if (!gives('family')) {
    throw misfit('{ quantiles }, { samples }, { mean, deviation } or { family, parameters }', 'the forecast', forecast);
  }
  const { family, parameters } = checkFamily(forecast, 'the forecast');
  return ofFamily(known, family, parameters, 'the forecast.parameters');
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

/**
 * Of ascending samples, for the distribution that they were drawn from; of one sample, as a point. Sample i, from 0, is
 * the greater one of i pairs and the smaller one of the others.
 */
export function sampleCrps(truth: number, sorted: Float64Array): number {
  const count = sorted.length;
  let distance = 0;
  let spread = 0;
  for (let i = 0; i < count; i++) {
    distance += Math.abs(sorted[i]! - truth);
    spread += (2 * i + 1 - count) * sorted[i]!;
  }
  return distance / count - spread / (count * Math.max(1, count - 1));
}

/** `called`: what holds the parameters. */
function ofFamily(truth: ArrayLike<number>, name: string, given: object, called: string): CrpsScore {
  const family = families[name]!;
  const entries = Object.entries(family.parameters);
  const column: Check<ArrayLike<number>> = (value, parameter) => forecastsOf(value, parameter, truth);
  const fields = Object.fromEntries(entries.map(([parameter]) => [parameter, column]));
  const columns = Object.values(object<Record<string, ArrayLike<number>>>(fields)(given, called));
  let sum = 0;
  const counts = eachKnown(truth, (i) => {
    const own = columns.map((column) => column[i]!);
    const wrong = entries.findIndex(([, least], p) => !(own[p]! > least));
    if (wrong >= 0) {
      const [parameter, least] = entries[wrong]!;
      throw misfit(
        least === 0 ? 'a positive number' : `a number above ${least}`,
        `${called}.${parameter}[${i}]`,
        own[wrong],
      );
    }
    sum += family.crps(truth[i]!, own);
  });
  return { ...counts, crps: sum / counts.count };
}
