import { normalQuantile } from '../../base/normal.ts';
import type { Head } from './head.ts';

/** The least deviation on the network's scale, as in native/core/heads/gaussian.h. */
const LEAST = 1e-4;

/**
 * A normal distribution, learned by maximum likelihood (Nix and Weigend, 1994, "Estimating the mean and variance of the
 * target probability distribution"). Its outputs are the mean, and an s that stands for the deviation log(1 + e^s) +
 * 1e-4.
 */
export const gaussian: Head = {
  gives: 'distribution',

  beside: () => ['mean', 'deviation'],

  outputs: () => 2,

  start(changes, _of, anchored) {
    // Begin by repeating the last value, not with the drift that the training rows happened to have.
    const mean = anchored ? 0 : changes.reduce((sum, change) => sum + change, 0) / changes.length;
    const variance = changes.reduce((sum, change) => sum + (change - mean) ** 2, 0) / changes.length;
    return [mean, outputOf(Math.sqrt(variance))];
  },

  reader({ horizon, count, levels }) {
    const scores = Float64Array.from(levels, normalQuantile);
    return (output, from, base, std, numbers, at) => {
      for (let s = 0; s < horizon; s++, at++, from += 2) {
        const mean = base[s]! + std * output[from]!;
        const deviation = std * deviationOf(output[from + 1]!);
        let i = at;
        numbers[i] = mean;
        for (let l = 0; l < scores.length; l++) numbers[(i += count)] = mean + deviation * scores[l]!;
        numbers[(i += count)] = mean;
        numbers[i + count] = deviation;
      }
    };
  },
};

function deviationOf(s: number): number {
  return LEAST + Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s)));
}

/** The s of a deviation; of a tiny one for 0. */
function outputOf(deviation: number): number {
  const above = Math.max(deviation - LEAST, LEAST);
  return above + Math.log(-Math.expm1(-above));
}
