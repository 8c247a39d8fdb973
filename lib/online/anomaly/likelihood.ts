import { Moments } from '../statistics/moments.ts';
import { upperTail } from '../../base/normal.ts';
import type { Part } from '../part.ts';

/** Scores in the short window. */
const SHORT = 10;

/**
 * Anomaly likelihood: the probability that the latest scores are higher than the stream's usual ones (Ahmad et al.,
 * Unsupervised real-time anomaly detection for streaming data, Neurocomputing 2017).
 *
 * L = 1 - Q((short - long) / deviation), with the mean of the last 10 scores, and the mean and deviation of about the
 * last `memory`. A lone high score moves it little; a stretch of fairly high ones much.
 *
 * In the row: the long moments; the last scores in a ring; their sum; the place of the next.
 */
export class Likelihood implements Part {
  readonly size: number;
  readonly #long: Moments;
  readonly #ring: number;

  constructor(memory: number) {
    this.#long = new Moments(memory);
    this.#ring = this.#long.size;
    this.size = this.#ring + SHORT + 1;
  }

  reset(): void {}

  /** Takes the score of a sample; returns the likelihood, in [0, 1], including it in the short window. */
  take(row: Float64Array, at: number, score: number): number {
    const next = at + this.#ring + SHORT;
    row[at + this.#ring + row[next]!] = score;
    row[next] = (row[next]! + 1) % SHORT;
    let sum = 0; // recomputed each time: a running sum would collect rounding errors for months
    for (let i = 0; i < SHORT; i++) sum += row[at + this.#ring + i]!;
    const likelihood = 1 - upperTail(this.#long.standardise(row, at, sum / SHORT));
    this.#long.add(row, at, score);
    return likelihood;
  }
}
