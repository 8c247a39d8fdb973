import { normalOf } from '../../base/noise.ts';
import { distribution } from './distribution.ts';
import { inverseSoftplus, softplus } from './softplus.ts';

/** The least deviation on the network's scale, as in native/core/heads/gaussian.h. */
const LEAST = 1e-4;

/**
 * A normal distribution, learned by maximum likelihood (Nix and Weigend, 1994, "Estimating the mean and variance of the
 * target probability distribution"). Its outputs are the mean, and an s that stands for the deviation log(1 + e^s) +
 * 1e-4.
 */
export const gaussian = distribution({
  parameters: ['mean', 'deviation'],

  read(output, from, base, std, parameters) {
    parameters[1] = std * (LEAST + softplus(output[from + 1]!));
    return (parameters[0] = base + std * output[from]!);
  },

  quantile: (parameters, _p, z) => parameters[0]! + parameters[1]! * z,

  draw: (parameters, first, second) => parameters[0]! + parameters[1]! * normalOf(first, second),

  start(changes, anchored) {
    const { mean, deviation } = momentsOf(changes, anchored);
    return [mean, outputOf(deviation)];
  },
});

/** Mean and deviation of the changes in training; the mean is 0 if they are changes from the last value. */
export function momentsOf(changes: Float32Array, anchored: boolean): { mean: number; deviation: number } {
  // Begin by repeating the last value, not with the drift that the training rows happened to have.
  const mean = anchored ? 0 : changes.reduce((sum, change) => sum + change, 0) / changes.length;
  const variance = changes.reduce((sum, change) => sum + (change - mean) ** 2, 0) / changes.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/** The s of a deviation; of a tiny one for 0. */
export function outputOf(deviation: number): number {
  return inverseSoftplus(Math.max(deviation - LEAST, LEAST));
}
