import { studentQuantile } from '../../base/student-t.ts';
import { distribution } from './distribution.ts';
import { momentsOf, outputOf } from './gaussian.ts';
import { inverseSoftplus, softplus } from './softplus.ts';

/** As in native/core/heads/student-t.h, on the network's scale. */
const LEAST_SCALE = 1e-4;
const LEAST_FREEDOM = 2;
const MOST_FREEDOM = 1e4;

/** The degrees of freedom at first: heavier tails than a normal distribution, from which learning goes either way. */
const FREEDOM = 6;

/**
 * Student's t distribution, whose tails are heavier than those of a normal one: outliers move its location and scale
 * less. Its outputs are the location, an s for the scale log(1 + e^s) + 1e-4, and a d for the degrees of freedom 2 +
 * log(1 + e^d), at most 1e4, so that there is always a mean (the head of GluonTS's DeepAR; both bounds are ours).
 */
export const student = distribution({
  parameters: ['location', 'scale', 'freedom'],

  read(output, from, base, std, parameters) {
    parameters[1] = std * (LEAST_SCALE + softplus(output[from + 1]!));
    parameters[2] = Math.min(LEAST_FREEDOM + softplus(output[from + 2]!), MOST_FREEDOM);
    return (parameters[0] = base + std * output[from]!);
  },

  quantile: (parameters, p, z) => parameters[0]! + parameters[1]! * studentQuantile(p, z, parameters[2]!),

  /** By the polar method of Bailey (1994, "Polar generation of random variates with the t-distribution"). */
  draw(parameters, first, second) {
    const freedom = parameters[2]!;
    const radius = Math.sqrt(freedom * Math.expm1((-2 / freedom) * Math.log(first)));
    return parameters[0]! + parameters[1]! * radius * Math.cos(2 * Math.PI * second);
  },

  start(changes, anchored) {
    const { mean, deviation } = momentsOf(changes, anchored);
    const scale = deviation * Math.sqrt((FREEDOM - 2) / FREEDOM);
    return [mean, outputOf(scale), inverseSoftplus(FREEDOM - LEAST_FREEDOM)];
  },
});
