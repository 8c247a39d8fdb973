import { insertSorted } from '../../base/sorted.ts';
import type { Head } from './head.ts';

/** One number: the mean if it is learned with squared errors, the median if with absolute errors. */
export const point: Head = {
  gives: 'point',
  truths: 'numbers',

  outputs: () => 1,

  reader({ horizon, count, levels, residuals }) {
    const size = levels.length;
    const step = new Float64Array(size); // the quantiles of one step, on the network's scale
    return (output, from, base, std, numbers, at) => {
      for (let s = 0; s < horizon; s++, at++, from++) {
        const middle = output[from]!;
        numbers[at] = base[s]! + std * middle;
        for (let l = 0; l < size; l++) insertSorted(step, l, middle + residuals![at * size + l]!);
        for (let l = 0, i = at + count; l < size; l++, i += count) numbers[i] = base[s]! + std * step[l]!;
      }
    };
  },
};
