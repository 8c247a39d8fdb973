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
