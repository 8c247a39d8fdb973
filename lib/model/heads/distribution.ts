import { normalQuantile } from '../../base/normal.ts';
import type { Family } from './family.ts';
import type { Head } from './head.ts';

/** The head of a family. Its numbers beside mean and quantiles are the parameters. */
export function distribution(family: Family, truths: Head['truths'] = 'numbers'): Head {
  const size = family.parameters.length;
  return {
    gives: 'distribution',
    family,
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
          let least = -Infinity; // of levels that are nearly equal, rounding might make the quantiles cross
          for (let l = 0; l < scores.length; l++) {
            numbers[(i += count)] = least = Math.max(least, family.quantile(parameters, levels[l]!, scores[l]!));
          }
          for (let p = 0; p < size; p++) numbers[(i += count)] = parameters[p]!;
        }
      };
    },
  };
}
