/** The longest jumps that are kept: more than stamps can be outlying. */
const KEPT = 16;
/** Most series that a split may have. */
const MOST_SERIES = 100_000;

/** Jumps of time in one direction, from a row to the next of its series. */
class Jumps {
  count = 0;
  sum = 0;
  #longest: number[] = [];

  add(length: number): void {
    this.count += 1;
    this.sum += length;
    if (this.#longest.length === KEPT && length <= this.#longest.at(-1)!) return;
    this.#longest = [...this.#longest, length].sort((a, b) => b - a).slice(0, KEPT);
  }

  /** Without those longer than `most`, which lead to outlying stamps. */
  within(most: number): { readonly count: number; readonly sum: number } {
    const left = this.#longest.filter((length) => length > most);
    return { count: this.count - left.length, sum: left.reduce((sum, length) => sum - length, this.sum) };
  }
}

/** What speaks against a split: rows that repeat the time before or go back, and by how much they go back [ms]. */
export interface Disorder {
  readonly rows: number;
  readonly jumps: number;
  /** True if rows are in order, newest first. */
  readonly newestFirst: boolean;
}

/** Counts how well the times of the series ascend, or descend, into which a split divides the rows. */
export class SplitCount<Value> {
  readonly #slots = new Map<Value, number>();
  readonly #last: number[] = [];
  readonly #rows: number[] = [];
  readonly #ups = new Jumps();
  readonly #downs = new Jumps();
  #equals = 0;
  #value: Value | undefined;
  #slot = -1;

  /** How many series there are. */
  get series(): number {
    return this.#last.length;
  }

  /** Whether there are more series than can be followed. */
  get isFull(): boolean {
    return this.#last.length > MOST_SERIES;
  }

  /** The probability that two rows belong to the same series. */
  get coincidence(): number {
    const rows = this.#rows.reduce((sum, count) => sum + count, 0);
    return this.#rows.reduce((sum, count) => sum + (count / rows) ** 2, 0);
  }

  /** Takes a row of the series `value`; returns the number of the series. */
  add(value: Value, time: number): number {
    if (this.#slot < 0 || value !== this.#value) this.#find(value);
    const last = this.#last[this.#slot]!;
    if (time > last) this.#ups.add(time - last);
    else if (time < last) this.#downs.add(last - time);
    else if (time === last) this.#equals += 1;
    this.#last[this.#slot] = time;
    this.#rows[this.#slot]! += 1;
    return this.#slot;
  }

  /** Rows out of order in the better direction. Jumps longer than `most` [ms] do not count. */
  disorder(most: number): Disorder {
    const newestFirst = this.#downs.count > this.#ups.count;
    const { count, sum } = (newestFirst ? this.#ups : this.#downs).within(most);
    return { rows: count + this.#equals, jumps: sum, newestFirst };
  }

  #find(value: Value): void {
    this.#value = value;
    const slot = this.#slots.get(value);
    this.#slot = slot ?? this.#last.length;
    if (slot !== undefined) return;
    this.#slots.set(value, this.#slot);
    this.#last.push(Number.NaN);
    this.#rows.push(0);
  }
}
