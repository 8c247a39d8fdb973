import { normalQuantile } from '../../base/normal.ts';
import type { Head } from './head.ts';

/** A family of distributions whose parameters a network gives. */
export interface Family {
  /** The names of its parameters, one output of the network for each. */
  readonly parameters: readonly string[];
  /**
   * Reads the outputs of one step, from index `from` on, as parameters in the target's own unit; returns the mean. An
   * output y stands for `base + std * y`.
   */
  read(output: Float32Array, from: number, base: number, std: number, parameters: Float64Array): number;
  /** The quantile p, 0 < p < 1, given z, the quantile p of the standard normal distribution. */
  quantile(parameters: Float64Array, p: number, z: number): number;
  /** As in `Head`. */
  start(changes: Float32Array, anchored: boolean): number[];
}

/** The head of a family. Its numbers beside mean and quantiles are the parameters. */
export function distribution(family: Family, truths: Head['truths'] = 'numbers'): Head {
  const size = family.parameters.length;
  return {
    gives: 'distribution',
    truths,
    beside: () => family.parameters,
    outputs: () => size,
    start: (changes, _of, anchored) => family.start(changes, anchored),
    reader({ horizon, count, levels }) {
      const scores = Float64Array.from(levels, normalQuantile);
      const parameters = new Float64Array(size);
      return (output, from, base, std, numbers, at) => {
        for (let s = 0; s < horizon; s++, at++, from += size) {
          let i = at;
          numbers[i] = family.read(output, from, base[s]!, std, parameters);
          for (let l = 0; l < scores.length; l++) {
            numbers[(i += count)] = family.quantile(parameters, levels[l]!, scores[l]!);
          }
          for (let p = 0; p < size; p++) numbers[(i += count)] = parameters[p]!;
        }
      };
    },
  };
}
