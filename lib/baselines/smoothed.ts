import { number } from '../base/schema.ts';
import type { Rule } from './rule.ts';

const checkShare = number(1e-6, 1);

/** Simple exponential smoothing: the level moves towards each new value by the same share of its distance. */
export class Smoothed implements Rule {
  readonly name: string;
  readonly weights: Float64Array;
  readonly size = 1;
  readonly warmup: number;
  readonly #share: number;

  /** `share` of the newest value in the level, 1e-6 to 1. Throws `invalid-argument`. */
  constructor(share: number) {
    this.#share = checkShare(share, 'the share of the newest value');
    this.name = `smoothed(${Number(share.toPrecision(3))})`;
    this.weights = Float64Array.of(share);
    this.warmup = Math.ceil(1 / share);
  }

  reset(row: Float64Array, at: number): void {
    row[at] = Number.NaN;
  }

  observe(row: Float64Array, at: number, value: number): void {
    if (Number.isNaN(value)) return;
    const level = row[at]!;
    // Both products are finite; the difference of two finite numbers need not be.
    row[at] = Number.isNaN(level) ? value : this.#share * value + (1 - this.#share) * level;
  }

  forecast(row: Float64Array, at: number, _step: number): number {
    return row[at]!;
  }
}
