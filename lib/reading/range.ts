/** How many numbers, with their smallest, largest and mean. */
export class Range {
  count = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  #sum = 0;

  add(value: number): void {
    this.count++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.#sum += value;
  }

  /** NaN of no numbers. Its last digits depend on the order of the numbers. */
  get mean(): number {
    return this.#sum / this.count;
  }

  with(other: Range): Range {
    const both = new Range();
    both.count = this.count + other.count;
    both.min = Math.min(this.min, other.min);
    both.max = Math.max(this.max, other.max);
    both.#sum = this.#sum + other.#sum;
    return both;
  }
}
