/** Numbers that many sources write for a missing value, without their signs. */
const SIZES: ReadonlySet<number> = new Set(
  (
    '99 999 9999 99999 999999 99.9 999.9 9999.9 99.99 999.99 9999.99 888 8888 6999 7999 127 ' +
    '32767 32768 65535 3276.7 3276.8 6553.5 2147483647 2147483648 4294967295'
  )
    .split(' ')
    .map(Number),
);
/** Beyond this, numbers are what libraries fill arrays with. */
const HUGE = 1e19;

/** So many widths of the range of all other numbers a number above it must be away, which may be a high value. */
const FAR_ABOVE = 2;
/** A number above all others that occurs once may be anything. */
const LEAST_ABOVE = 2;

/** A number that may stand for a missing value, and in how many rows it does. */
export interface StandIn {
  readonly value: number;
  readonly rows: number;
}

/** Finds the numbers that are likely to stand for missing values, in constant memory and in any order of the rows. */
export class StandIns {
  /** The range of all other numbers. */
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;
  readonly #rows = new Map<number, number>();

  /** Only a number beyond the others is looked at: one that lies among them is a value like any other. */
  add(value: number): void {
    if (value >= this.#low && value <= this.#high) return;
    const size = Math.abs(value);
    if (SIZES.has(size) || size >= HUGE) {
      const rows = this.#rows.get(value);
      if (rows !== undefined || this.#rows.size < SIZES.size) this.#rows.set(value, (rows ?? 0) + 1);
      return;
    }
    if (value < this.#low) this.#low = value;
    if (value > this.#high) this.#high = value;
  }

  /** Those that lie far from all other numbers, the most frequent first. */
  far(): StandIn[] {
    const found = [...this.#rows].map(([value, rows]) => ({ value, rows }));
    return found.filter((each) => this.#isFar(each)).sort((a, b) => b.rows - a.rows || a.value - b.value);
  }

  #isFar({ value, rows }: StandIn): boolean {
    const [low, high] = [this.#low, this.#high];
    if (low > high) return false;
    if (value < low) return low >= 0 ? value < 0 : low - value > high - low;
    return rows >= LEAST_ABOVE && value - high > FAR_ABOVE * (high - low);
  }
}
