import { number, object } from '../../base/schema.ts';
import type { Part } from '../part.ts';

export interface AdwinOptions {
  /**
   * Bound on the false alarm rate: the share of values at which a change is found where there is none (default 0.002).
   */
  delta?: number;
  /** Width of the interval in which the values lie, in their unit (default 1, for values in [0, 1]). */
  range?: number;
}

const LARGEST = 1e100;

const checkOptions = object<AdwinOptions>({ delta: number(1e-300, 1), range: number(0, LARGEST) }, ['delta', 'range']);

/**
 * How many buckets of one size there are before the two oldest are merged into one of twice the size (M in the paper).
 */
const BUCKETS = 5;
/** Bucket sizes 1, 2, 4, ... 2^15: the window holds up to 327,675 values and drops the oldest beyond that. */
const LEVELS = 16;
const COUNT = 0;
const MEAN = 1;
const SPREAD = 2; // sum of squared distances from the mean
const TOTALS = 3;

// Numbers kept per level: how many buckets, then sum and spread of each, the oldest first.
const LEVEL = 1 + 2 * (BUCKETS + 1);

/**
 * ADWIN: a window that holds as many of the last values as show no change of their mean.
 *
 * Wherever the window can be cut into two parts whose means differ by more than chance allows, its oldest values are
 * dropped. Values are kept as sums over exponentially growing buckets, with cuts between buckets. Values must be
 * bounded: an outlier makes the variance so large that it hides changes until it has left the window. A. Bifet and R.
 * Gavalda, "Learning from time-changing data with adaptive windowing", SDM 2007: ADWIN2, with the bound of its section
 * 3.2, sqrt(2/m s2 ln(2/d)) + 2/(3m) ln(2/d) where 1/m = 1/n0 + 1/n1, d = delta / ln n and s2 is the window's variance.
 */
export class Adwin implements Part {
  readonly size = TOTALS + LEVELS * LEVEL;
  readonly #delta: number;
  readonly #range: number;

  /** Throws `invalid-argument` for wrong options. */
  constructor(options: AdwinOptions = {}) {
    const { delta = 0.002, range = 1 } = checkOptions(options, 'options');
    this.#delta = delta;
    this.#range = range;
  }

  reset(): void {}

  /** How many values are in the window. */
  count(row: Float64Array, at: number): number {
    return row[at + COUNT]!;
  }

  /** Mean of the window; 0 if it is empty. */
  mean(row: Float64Array, at: number): number {
    return row[at + MEAN]!;
  }

  /** Adds a value; true if the window was cut. Values that are not finite are ignored. */
  update(row: Float64Array, at: number, value: number): boolean {
    if (!Number.isFinite(value)) return false;
    const x = Math.max(-LARGEST, Math.min(value, LARGEST)); // squares of larger values could overflow
    const count = ++row[at + COUNT]!;
    const distance = x - row[at + MEAN]!;
    row[at + MEAN]! += distance / count;
    row[at + SPREAD]! += distance * (x - row[at + MEAN]!);
    push(row, at + TOTALS, 0, x, 0);
    compress(row, at);
    let cut = false;
    while (this.#differs(row, at)) {
      dropOldest(row, at);
      cut = true;
    }
    return cut;
  }

  /** True if the means of the two parts of some cut differ by more than the bound; tries the oldest cut first. */
  #differs(row: Float64Array, at: number): boolean {
    const count = row[at + COUNT]!;
    const log = Math.log((2 * Math.log(count)) / this.#delta);
    const variance = row[at + SPREAD]! / count;
    const mean = row[at + MEAN]!;
    let oldCount = 0;
    let oldSum = 0;
    for (let level = LEVELS - 1; level >= 0; level--) {
      const base = at + TOTALS + level * LEVEL;
      const size = 2 ** level;
      for (let bucket = 0; bucket < row[base]!; bucket++) {
        oldCount += size;
        oldSum += row[base + 1 + 2 * bucket]!;
        const newCount = count - oldCount;
        if (newCount === 0) return false;
        const perSize = count / (oldCount * newCount); // 1/m
        const difference = (oldSum - mean * oldCount) * perSize;
        const bound = Math.sqrt(2 * variance * log * perSize) + (2 / 3) * this.#range * log * perSize;
        if (Math.abs(difference) > bound) return true;
      }
    }
    return false;
  }
}

function push(row: Float64Array, totals: number, level: number, sum: number, spread: number): void {
  const base = totals + level * LEVEL;
  const place = base + 1 + 2 * row[base]!++;
  row[place] = sum;
  row[place + 1] = spread;
}

function shift(row: Float64Array, base: number, buckets: number): void {
  const left = row[base]! - buckets;
  row[base] = left;
  row.copyWithin(base + 1, base + 1 + 2 * buckets, base + 1 + 2 * (left + buckets));
}

/** Merges the two oldest buckets of a level that has one too many into one of the next level. */
function compress(row: Float64Array, at: number): void {
  for (let level = 0; level < LEVELS; level++) {
    const base = at + TOTALS + level * LEVEL;
    if (row[base]! <= BUCKETS) return;
    if (level === LEVELS - 1) return dropOldest(row, at);
    const [sum, other] = [row[base + 1]!, row[base + 3]!];
    const between = (sum - other) / 2 ** level;
    const spread = row[base + 2]! + row[base + 4]! + (between * between * 2 ** level) / 2;
    shift(row, base, 2);
    push(row, at + TOTALS, level + 1, sum + other, spread);
  }
}

function dropOldest(row: Float64Array, at: number): void {
  let level = LEVELS - 1;
  while (row[at + TOTALS + level * LEVEL] === 0) level--;
  shift(row, at + TOTALS + level * LEVEL, 1);
  recount(row, at);
}

/** Recomputes the totals from the buckets: subtracting a large value would leave only its rounding error. */
function recount(row: Float64Array, at: number): void {
  let [count, mean, spread] = [0, 0, 0];
  for (let level = LEVELS - 1; level >= 0; level--) {
    const base = at + TOTALS + level * LEVEL;
    const size = 2 ** level;
    for (let bucket = 0; bucket < row[base]!; bucket++) {
      const distance = row[base + 1 + 2 * bucket]! / size - mean;
      const share = size / (count + size);
      mean += distance * share;
      spread += row[base + 2 + 2 * bucket]! + distance * distance * count * share;
      count += size;
    }
  }
  row[at + COUNT] = count;
  row[at + MEAN] = mean;
  row[at + SPREAD] = spread;
}
