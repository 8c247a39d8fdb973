import type { Part } from '../part.ts';

/** The threshold never lets more than one sample in fifty exceed it. */
const LOWEST = -Math.log(0.02);
/** How many alerts' worth of time the first guess counts for; also the most that is remembered. */
const FIRST = 5;
const MOST = 50;

/**
 * The rarity at which an alert opens, learned so that a share `rate` of the samples opens one.
 *
 * If rarities are right and samples independent, they exceed -ln(rate) that often, which is the first guess. Stochastic
 * approximation on the alerts themselves corrects for clusters of rare samples, hysteresis and wrong rarities (Robbins
 * and Monro, A stochastic approximation method, 1951). With P(rarity > r) = exp(-r) the logarithm of the number of
 * alerts falls by 1 when the threshold rises by 1, so the best step is one over the alerts so far.
 *
 * In the row: alerts' worth of time so far; how far the threshold is from the first guess.
 */
export class Threshold implements Part {
  readonly size = 2;
  readonly #rate: number;
  readonly #guess: number;

  /** Wanted number of alerts per sample, on average. */
  constructor(rate: number) {
    this.#rate = rate;
    this.#guess = Math.max(LOWEST, -Math.log(rate));
  }

  reset(row: Float64Array, at: number): void {
    row[at] = FIRST;
  }

  /** -ln of the probability that a sample is rarer. */
  rarity(row: Float64Array, at: number): number {
    return this.#guess + row[at + 1]!;
  }

  /** Takes whether the last sample opened an alert. */
  learn(row: Float64Array, at: number, opened: boolean): void {
    const worth = Math.min(row[at]! + this.#rate, MOST);
    row[at] = worth;
    const step = ((opened ? 1 : 0) - this.#rate) / worth;
    row[at + 1] = Math.max(LOWEST - this.#guess, row[at + 1]! + step);
  }
}
