import type { InputCode } from './input-code.ts';
import { wordNumber } from './word.ts';

/**
 * A category: one input of the network for each word, which is 1 for the word given and 0 for the others, less the
 * word's share of the training rows and divided by a deviation. The column of the input weights that belongs to a word
 * is therefore its embedding, learned with all other weights. A word that the list lacks, and no word, is all zeros:
 * the mean of the embeddings, weighted by how often each word came.
 *
 * The deviation is that of the whole category, not of each word: a rare word would otherwise be far from the others
 * before anything is learned about it, and the category weighs as much as one number.
 */
export function categoryCode(words: readonly string[], shares: readonly number[]): InputCode {
  const places = new Map(words.map((word, place) => [wordNumber(word), place]));
  const variance = 1 - shares.reduce((sum, share) => sum + share * share, 0);
  const std = variance > 0 ? Math.sqrt(variance) : 1;
  const absent = Float32Array.from(shares, (share) => -share / std);
  const present = Float32Array.from(shares, (share) => (1 - share) / std);
  return {
    width: words.length,
    plain: false,
    takes: () => true,
    write(value, out, to) {
      const place = places.get(value);
      if (place === undefined) {
        out.fill(0, to, to + words.length);
        return;
      }
      out.set(absent, to);
      out[to + place] = present[place]!;
    },
  };
}
