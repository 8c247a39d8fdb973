import { number, object, whole } from '../../base/schema.ts';
import type { Part } from '../part.ts';

export interface PageHinkleyOptions {
  /** Change of the mean that is tolerated, in the unit of the values (default 0.005). */
  delta?: number;
  /** Sum of deviations beyond `delta` that counts as drift, in the unit of the values (default 50). */
  threshold?: number;
  /** How many values come before drift is looked for (default 30). */
  minSamples?: number;
}

const LARGEST = 1e100;

const checkOptions = object<PageHinkleyOptions>(
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
 * height of the cumulative sum above its minimum, and the mirror image of U. If either exceeds `threshold`, that is
 * drift, and the test starts again. E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954); D. V. Hinkley,
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

  /**
   * Adds a value: returns 1 if the mean has risen, -1 if it has fallen, otherwise 0. Values that are not finite are
   * ignored.
   */
  update(row: Float64Array, at: number, value: number): 1 | 0 | -1 {
    if (!Number.isFinite(value)) return 0;
    const x = Math.max(-LARGEST, Math.min(value, LARGEST)); // a sum of larger values could overflow
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
