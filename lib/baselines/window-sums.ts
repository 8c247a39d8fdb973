/**
 * Sums over all windows of some series, from which least squares over these windows follow. A window is `length` values
 * in a row, all of them known.
 */
export class WindowSums {
  readonly length: number;
  /** How many windows were added. */
  count = 0;
  /** The sum of each value. */
  readonly sums: Float64Array;
  /** The sum of the product of each two values: [length][length], both halves. */
  readonly products: Float64Array;

  constructor(length: number) {
    this.length = length;
    this.sums = new Float64Array(length);
    this.products = new Float64Array(length * length);
  }

  /**
   * Adds the windows of a series. A NaN divides it. The products of values i and j, and of i + 1 and j + 1, are of the
   * same pairs but for one at each end, so a row of the matrix costs a pass over the series and the others follow.
   */
  add(values: Float64Array): void {
    for (let from = 0; from < values.length; ) {
      if (Number.isNaN(values[from]!)) {
        from += 1;
        continue;
      }
      const end = values.findIndex((value, i) => i > from && Number.isNaN(value));
      const to = end < 0 ? values.length : end;
      if (to - from >= this.length) this.#addRun(values.subarray(from, to));
      from = to;
    }
  }

  #addRun(run: Float64Array): void {
    const { length, sums, products } = this;
    const count = run.length - length + 1;
    this.count += count;
    let sum = 0;
    for (let k = 0; k < count; k++) sum += run[k]!;
    for (let i = 0; i < length; i++) {
      sums[i]! += sum;
      sum += (run[i + count] ?? 0) - run[i]!;
    }
    for (let lag = 0; lag < length; lag++) {
      let product = 0;
      for (let k = 0; k < count; k++) product += run[k]! * run[k + lag]!;
      for (let i = 0, j = lag; j < length; i++, j++) {
        products[i * length + j]! += product;
        if (lag > 0) products[j * length + i]! += product;
        if (j + 1 < length) product += run[i + count]! * run[j + count]! - run[i]! * run[j]!;
      }
    }
  }
}
