import { misfit } from '../base/errors.ts';
import { isA } from '../base/values.ts';

/** Bits of a time that select its bucket: 2^6 buckets between one power of two and the next. */
const BITS = 6;
const BUCKETS_PER_OCTAVE = 2 ** BITS;
const BUCKETS = (53 - BITS + 1) * BUCKETS_PER_OCTAVE;

/** 1 / 2^octave: exact, and faster to look up than to compute. */
const PER_WIDTH = Float64Array.from({ length: 53 - BITS }, (_, octave) => 2 ** -octave);

// Places of the first numbers of the array; the bucket counts follow. native/core/control/tally.h has the same layout.
const COUNT = 0;
const SUM = 1;
const MAX = 2;
const FIRST = 3;

/**
 * Counts times so that their quantiles can be read: one array of fixed size, however many are recorded.
 *
 * Below 128 ns each nanosecond has a bucket; above, each power of two is divided into 64 equal buckets. A quantile is
 * therefore at most 1/64 too high and never too low, and the longest time is exact. The idea is that of HdrHistogram
 * (G. Tene). Counts are float64, which do not overflow in the life of a machine.
 */
export class Histogram {
  /**
   * Length of the array that backs a histogram: how many times, their sum, the longest, then the counts of the buckets.
   */
  static readonly size = FIRST + BUCKETS;

  readonly #numbers: Float64Array;

  /** `numbers`: an array of that layout and size to use; a new one by default. */
  constructor(numbers = new Float64Array(Histogram.size)) {
    this.#numbers = numbers;
  }

  /**
   * Records one time [ns], truncated to a whole number from 0 to 2^53 - 1; anything else counts as 0. Allocates
   * nothing.
   */
  record(ns: number): void {
    const time = typeof ns === 'number' && ns >= 0 ? Math.min(Math.floor(ns), Number.MAX_SAFE_INTEGER) : 0;
    const numbers = this.#numbers;
    numbers[COUNT]!++;
    numbers[SUM]! += time;
    if (time > numbers[MAX]!) numbers[MAX] = time;
    numbers[FIRST + bucketOf(time)]!++;
  }

  /** How many times were recorded. */
  get count(): number {
    return this.#numbers[COUNT]!;
  }

  /** The longest time [ns], exact; 0 before the first. */
  get max(): number {
    return this.#numbers[MAX]!;
  }

  /** The mean time [ns]; NaN before the first. */
  get mean(): number {
    return this.#numbers[SUM]! / this.#numbers[COUNT]!;
  }

  /**
   * The time [ns] that a share `q` of all times, 0 to 1, did not exceed: the shortest for 0, the longest for 1. NaN
   * before the first. Throws `invalid-argument` for another share.
   */
  quantile(q: number): number {
    if (typeof q !== 'number' || !(q >= 0 && q <= 1)) {
      throw misfit('a number from 0 to 1', 'the share of a quantile', q);
    }
    if (this.count === 0) return Number.NaN;
    const wanted = Math.max(1, Math.ceil(q * this.count));
    let bucket = 0;
    for (let counted = this.#numbers[FIRST]!; counted < wanted; counted += this.#numbers[FIRST + bucket]!) bucket++;
    return Math.min(longestIn(bucket), this.max);
  }

  /** Adds all times of another histogram. Throws `invalid-argument` unless it is one. */
  merge(other: Histogram): void {
    if (!isA(other, Histogram)) {
      throw misfit('a Histogram', 'what to merge', other);
    }
    const longest = Math.max(this.max, other.max);
    for (let i = 0; i < this.#numbers.length; i++) this.#numbers[i]! += other.#numbers[i]!;
    this.#numbers[MAX] = longest;
  }

  /** Forgets all times. */
  reset(): void {
    this.#numbers.fill(0);
  }
}

function bucketOf(time: number): number {
  const octave = exponentOf(time) - BITS; // 0 for 64 to 127 ns; shorter times share that width
  if (octave <= 0) return time;
  return octave * BUCKETS_PER_OCTAVE + Math.floor(time * PER_WIDTH[octave]!);
}

function longestIn(bucket: number): number {
  if (bucket < 2 * BUCKETS_PER_OCTAVE) return bucket;
  const octave = Math.floor(bucket / BUCKETS_PER_OCTAVE) - 1;
  return (bucket - octave * BUCKETS_PER_OCTAVE + 1) * 2 ** octave - 1;
}

/** Position of the highest bit of a whole number below 2^53; -1 for 0. */
function exponentOf(time: number): number {
  return time < 2 ** 32 ? 31 - Math.clz32(time) : 63 - Math.clz32(time / 2 ** 32);
}
