/** Running mean squared and mean absolute error. */
export class ErrorMean {
  #count = 0;
  #squares = 0;
  #absolutes = 0;

  add(error: number): void {
    this.#count += 1;
    this.#squares += error * error;
    this.#absolutes += Math.abs(error);
  }

  /** Adds the errors of another mean. */
  plus(other: ErrorMean): void {
    this.#count += other.#count;
    this.#squares += other.#squares;
    this.#absolutes += other.#absolutes;
  }

  /** Mean squared error; NaN before the first error. */
  get mse(): number {
    return this.#squares / this.#count;
  }

  /** Mean absolute error; NaN before the first error. */
  get mae(): number {
    return this.#absolutes / this.#count;
  }
}

/**
 * The quantile of ascending `sorted` at `level` in [0, 1], linear between order statistics
 * (Hyndman and Fan, 1996, definition 7). NaN for an empty array.
 */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  const position = level * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? low;
  return low + (position - below) * (high - low);
}
