import { number, record, whole } from '../../base/schema.ts';
import type { Part } from '../part.ts';

export interface PageHinkleyOptions {
  /** Change of the mean that is let pass, in the unit of the values (default 0.005). */
  delta?: number;
  /** Sum of deviations beyond `delta` at which there is drift, in the unit of the values (default 50). */
  threshold?: number;
  /** Values before drift is looked for (default 30). */
  minSamples?: number;
}

const LARGEST = 1e100;

const checkOptions = record<PageHinkleyOptions>(
  { delta: number(0, LARGEST), threshold: number(0, LARGEST), minSamples: whole(1, 1_000_000) },
  ['delta', 'threshold', 'minSamples'],
);

const COUNT = 0;
const MEAN = 1;
const UP = 2;
const DOWN = 3;

/**
 * The Page-Hinkley test for a change of the mean, in both directions.
 *
 * With m the mean of the values since the start or the last drift, it keeps U = max(0, U + x - m - delta), which is the
 * height of the cumulative sum over its minimum, and its mirror image; either beyond `threshold` is drift, and
 * everything starts again. E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954); D. V. Hinkley,
 * "Inference about the change-point from cumulative sum tests", Biometrika 58 (1971).
 */
export class PageHinkley implements Part {
  readonly size = 4;
  readonly #delta: number;
  readonly #threshold: number;
  readonly #minSamples: number;

  /** Throws `invalid-argument` for wrong options. */
  constructor(options: PageHinkleyOptions = {}) {
    const { delta = 0.005, threshold = 50, minSamples = 30 } = checkOptions(options, 'options');
    this.#delta = delta;
    this.#threshold = threshold;
    this.#minSamples = minSamples;
  }

  reset(): void {}

  /** Takes a value; 1 when the mean has risen, -1 when it has fallen, else 0. What is not finite is passed over. */
  update(row: Float64Array, at: number, value: number): 1 | 0 | -1 {
    if (!Number.isFinite(value)) return 0;
    const x = Math.max(-LARGEST, Math.min(value, LARGEST)); // a sum of larger ones could leave the doubles
    const count = ++row[at + COUNT]!;
    const mean = row[at + MEAN]! + (x - row[at + MEAN]!) / count;
    row[at + MEAN] = mean;
    row[at + UP] = Math.max(0, row[at + UP]! + x - mean - this.#delta);
    row[at + DOWN] = Math.max(0, row[at + DOWN]! - x + mean - this.#delta);
    if (count < this.#minSamples) return 0;
    const drift = row[at + UP]! > this.#threshold ? 1 : row[at + DOWN]! > this.#threshold ? -1 : 0;
    if (drift !== 0) row.fill(0, at, at + this.size);
    return drift;
  }
}
