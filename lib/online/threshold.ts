import type { Part } from './part.ts';

/** Share of the samples that count as rare; no threshold is ever set at more common ones. */
const SHARE = 0.02;
const EDGE = -Math.log(SHARE);

export interface ThresholdOptions {
  /** Alerts wanted for each sample, on average. */
  rate: number;
  /** Samples of less rarity that part one cluster from the next. */
  quiet: number;
  /** Samples remembered. */
  memory: number;
}

/**
 * The rarity at which an alert opens, so that the stream opens as many as are wanted.
 *
 * Rare samples come in clusters, and a cluster is one alert. With q the share of samples in the tail and c the clusters they
 * form for each sample, an alert costs q / c rare samples (the extremal index is c / q: Coles, An Introduction to
 * Statistical Modeling of Extreme Values, 2001, section 5.3), so the threshold is -ln(rate * q / c).
 *
 * In the row: samples seen, clusters for each sample, samples since the last rare one.
 */
export class Threshold implements Part {
  readonly size = 3;
  readonly #options: Readonly<ThresholdOptions>;

  constructor(options: ThresholdOptions) {
    this.#options = { ...options };
  }

  reset(row: Float64Array, at: number): void {
    row[at + 1] = SHARE; // until clusters are known, each rare sample is one of its own
    row[at + 2] = this.#options.quiet;
  }

  /** -ln of the probability, for a sample, of being rarer. */
  rarity(row: Float64Array, at: number): number {
    return Math.max(EDGE, EDGE + Math.log(row[at + 1]! / this.#options.rate));
  }

  learn(row: Float64Array, at: number, rarity: number): void {
    const rare = rarity > EDGE;
    const starts = rare && row[at + 2]! >= this.#options.quiet;
    row[at + 2] = rare ? 0 : row[at + 2]! + 1;
    const seen = Math.min(row[at]! + 1, this.#options.memory);
    row[at] = seen;
    row[at + 1]! += ((starts ? 1 : 0) - row[at + 1]!) / (seen + 1 / SHARE);
  }
}
