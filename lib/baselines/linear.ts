import type { Rule } from './rule.ts';

/** What a linear forecast is made of; shared by all targets. */
export interface LinearWeights {
  /** Samples that it reads. */
  readonly lookback: number;
  /** The weight of each sample for each step, from the oldest to the newest: [horizon][lookback]. */
  readonly weights: Float64Array;
  /** What is added at each step [deviations of the target]. */
  readonly bias: Float64Array;
}

/** The mean and the deviation of a target in the rows that a linear forecast was fitted to, in its own unit. */
export interface TargetScale {
  readonly mean: number;
  readonly std: number;
}

// The numbers: these, then the values of the lookback, as a ring.
const NEWEST = 0; // index of the newest value in the ring
const RING = 1;

/**
 * A linear forecast from the last values, as distances from an anchor: the last value for NLinear, the mean of the
 * training rows for DLinear (Zeng et al. 2023). A missing value is the one before it; before the first one, all are
 * the first one.
 */
export class Linear implements Rule {
  readonly name: string;
  readonly weights: Float64Array;
  readonly size: number;
  readonly warmup: number;
  readonly #lookback: number;
  readonly #matrix: Float64Array;
  /** For each step the weight of the anchor, so that all weights together are 1. */
  readonly #anchored: Float64Array;
  readonly #offset: Float64Array;
  /** The mean, or NaN for the last value. */
  readonly #anchor: number;

  constructor(kind: 'nlinear' | 'dlinear', { lookback, weights, bias }: LinearWeights, { mean, std }: TargetScale) {
    this.name = `${kind}(${lookback})`;
    this.weights = Float64Array.from([...weights, ...bias, mean, std]);
    this.size = RING + lookback;
    this.warmup = lookback;
    this.#lookback = lookback;
    this.#matrix = weights;
    this.#anchor = kind === 'nlinear' ? Number.NaN : mean;
    this.#offset = bias.map((one) => one * std);
    this.#anchored = bias.map((_, step) => {
      const row = weights.subarray(step * lookback, (step + 1) * lookback);
      return 1 - row.reduce((sum, weight) => sum + weight, 0);
    });
  }

  reset(row: Float64Array, at: number): void {
    row[at + NEWEST] = 0;
    row.fill(Number.NaN, at + RING, at + this.size);
  }

  observe(row: Float64Array, at: number, value: number): void {
    const before = row[at + RING + row[at + NEWEST]!]!;
    if (Number.isNaN(before)) {
      row.fill(value, at + RING, at + this.size);
      return;
    }
    const newest = row[at + NEWEST]! + 1 < this.#lookback ? row[at + NEWEST]! + 1 : 0;
    row[at + NEWEST] = newest;
    row[at + RING + newest] = Number.isNaN(value) ? before : value;
  }

  forecast(row: Float64Array, at: number, step: number): number {
    const newest = row[at + NEWEST]!;
    const from = (step - 1) * this.#lookback;
    const ring = at + RING;
    const old = this.#lookback - 1 - newest; // how many values of the ring come after the newest, the oldest first
    let sum = 0;
    for (let i = 0; i < old; i++) sum += this.#matrix[from + i]! * row[ring + newest + 1 + i]!;
    for (let i = 0; i <= newest; i++) sum += this.#matrix[from + old + i]! * row[ring + i]!;
    const anchor = Number.isNaN(this.#anchor) ? row[ring + newest]! : this.#anchor;
    return sum + this.#anchored[step - 1]! * anchor + this.#offset[step - 1]!;
  }
}
