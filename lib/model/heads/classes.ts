import type { Head } from './head.ts';

/**
 * The probability of each class, learned by maximum likelihood: e^x / the sum of all e^x, with an output x for each.
 * The mean of such a forecast is the place of its most likely class.
 */
export const classes: Head = {
  gives: 'classes',
  truths: 'classes',

  beside: ({ classes = [] }) => classes,

  outputs: ({ classes = [] }) => classes.length,

  start(places, { classes = [] }) {
    // Begin with the shares of the classes in the training rows; one more of each, so that none is impossible.
    const counts = classes.map(() => 1);
    for (const place of places) counts[place]! += 1;
    return counts.map((count) => Math.log(count / (places.length + classes.length)));
  },

  reader({ horizon, count, classes = [] }) {
    const size = classes.length;
    return (output, from, _base, _std, numbers, at) => {
      for (const end = at + horizon; at < end; at++, from += size) {
        let likeliest = 0;
        for (let k = 1; k < size; k++) if (output[from + k]! > output[from + likeliest]!) likeliest = k;
        const most = output[from + likeliest]!;
        let sum = 0;
        for (let k = 0; k < size; k++) sum += Math.exp(output[from + k]! - most);
        numbers[at] = likeliest;
        for (let k = 0, i = at + count; k < size; k++, i += count) {
          numbers[i] = Math.exp(output[from + k]! - most) / sum;
        }
      }
    };
  },
};
