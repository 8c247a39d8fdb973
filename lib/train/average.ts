import type { StateDict } from '../base/tensor.ts';

/**
 * The share of the newest weights in the mean. With 1, the errors on a noisy sine and on the temperature of ETTh1 are
 * larger by 3 and 6 % (three seeds); with 0.3 they are about the same.
 */
const SHARE = 0.2;

/**
 * The exponential mean of the weights after each pass. It is better than the last weights while the learning rate is
 * still large, and its validation loss hardly jumps from pass to pass (Polyak and Juditsky, Acceleration of stochastic
 * approximation by averaging, 1992).
 */
export function average(before: StateDict, weights: StateDict): StateDict {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => {
      const old = before[name]!.data;
      return [name, { shape, data: data.map((value, i) => old[i]! + SHARE * (value - old[i]!)) }];
    }),
  );
}
