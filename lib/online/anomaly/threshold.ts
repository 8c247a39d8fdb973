import type { Part } from '../part.ts';

/** No threshold is set where more than one sample in fifty lies beyond. */
const LOWEST = -Math.log(0.02);
/** Alerts' worth of time that the first guess counts for, and that are remembered at most. */
const FIRST = 5;
const MOST = 50;

/**
 * The rarity at which an alert opens, learned so that `rate` of the samples open one.
 *
 * Rarities that are right, of samples that are independent, cross -ln(rate) as often as that. This is the first guess;
 * clusters of rare samples, hysteresis and wrong rarities are made up for by stochastic approximation on the alerts
 * themselves (Robbins and Monro, A stochastic approximation method, 1951). With P(rarity > r) = exp(-r) the
 * logarithm of their number falls by 1 where the threshold rises by 1, so the best step is one over the alerts so far.
 *
 * In the row: alerts' worth of time so far; how far the threshold is from the first guess.
 */
export class Threshold implements Part {
  readonly size = 2;
  readonly #rate: number;
  readonly #guess: number;

  /** Alerts wanted for each sample, on average. */
  constructor(rate: number) {
    this.#rate = rate;
    this.#guess = Math.max(LOWEST, -Math.log(rate));
  }

  reset(row: Float64Array, at: number): void {
    row[at] = FIRST;
  }

  /** -ln of the probability, for a sample, of being rarer. */
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
