import { countQuantile } from '../../base/negative-binomial.ts';
import { normalQuantile } from '../../base/normal.ts';
import { distribution } from './distribution.ts';
import { inverseSoftplus, softplus } from './softplus.ts';

/** As in native/core/heads/negative-binomial.h. */
const LEAST_MEAN = 1e-6;
const LEAST_ALPHA = 1e-4;

/**
 * A negative binomial distribution of counts: whole numbers from 0 with variance mean + alpha * mean^2 (Salinas et al.,
 * 2020, "DeepAR"). Its outputs are an m for the mean, unit * (log(1 + e^m) + 1e-6), and an a for alpha, log(1 + e^a) /
 * sqrt(unit) + 1e-4. The unit is `countUnit`, so the counts are scaled but not centred, and series of any level share
 * the weights.
 */
export const negativeBinomial = distribution(
  {
    parameters: ['mean', 'alpha'],

    read(output, from, base, _std, parameters) {
      const unit = countUnit(base);
      parameters[1] = softplus(output[from + 1]!) / Math.sqrt(unit) + LEAST_ALPHA;
      return (parameters[0] = unit * (softplus(output[from]!) + LEAST_MEAN));
    },

    quantile: (parameters, p, z) => countQuantile(p, z, parameters[0]!, parameters[1]!),

    draw: (parameters, first) => countQuantile(first, normalQuantile(first), parameters[0]!, parameters[1]!),

    start(counts) {
      const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
      return [inverseSoftplus(Math.max(mean, 1e-3)), 0];
    },
  },
  'counts',
);

/** The unit of the counts of a series with this mean. */
export function countUnit(mean: number): number {
  return 1 + Math.max(mean, 0);
}
