import { mix } from '../../base/mix.ts';

/**
 * A word of a category input travels through streams, stores, workers and recordings as a number, like every other
 * value. The number depends on the word alone and not on a model's list of words, so that samples that were kept can
 * warm another model. It lies beyond all values that an input of numbers can have: the exponent is fixed and the
 * fraction is a hash of 52 bits.
 */
const LEAST = 2 ** 1000;

/** The number that stands for a word. */
export function wordNumber(word: string): number {
  let low = 0x811c9dc5;
  let high = 0x1b873593;
  for (let i = 0; i < word.length; i++) {
    const unit = word.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x5bd1e995);
    high ^= high >>> 15;
  }
  low = mix(low ^ word.length);
  high = mix(high ^ low);
  const fraction = ((high >>> 12) * 2 ** 32 + (low >>> 0)) / 2 ** 52;
  return -LEAST * (1 + fraction);
}

/** True for a number that stands for a word. */
export function isWordNumber(value: number): boolean {
  return value <= -LEAST && value > -2 * LEAST;
}
