/** Most rows that are kept, and most of the same time. */
const MOST_ROWS = 16_384;
const MOST_OF_A_TIME = 256;

/**
 * All rows of some times, chosen by the times themselves: whether rows of the same time differ in some columns can be
 * told from them whatever the order of the rows.
 */
export class TimeSample {
  #times = new Map<number, (readonly string[])[]>();
  #rows = 0;
  /** Times with a hash below this are kept. */
  #below = 2 ** 32;
  readonly #float = new Float64Array(1);
  readonly #words = new Uint32Array(this.#float.buffer);

  add(time: number, fields: readonly string[]): void {
    if (this.#hash(time) >= this.#below) return;
    const rows = this.#times.get(time);
    if (rows && rows.length >= MOST_OF_A_TIME) return;
    if (rows) rows.push([...fields]);
    else this.#times.set(time, [[...fields]]);
    this.#rows += 1;
    while (this.#rows > MOST_ROWS && this.#times.size > 1) this.#halve();
  }

  /** Rows beyond the first of their time, in total and with the same values in `columns`; and how many values occur. */
  repeats(columns: readonly number[]): Repeats {
    let rows = 0;
    let same = 0;
    const values = new Set<string>();
    for (const group of this.#times.values()) {
      const seen = new Set(group.map((fields) => columns.map((column) => fields[column]).join('\0')));
      rows += group.length;
      same += group.length - seen.size;
      for (const value of seen) values.add(value);
    }
    return { rows, times: this.#times.size, same, values: values.size };
  }

  #halve(): void {
    this.#below /= 2;
    for (const [time, rows] of this.#times) {
      if (this.#hash(time) < this.#below) continue;
      this.#times.delete(time);
      this.#rows -= rows.length;
    }
  }

  /** Mixes the bits of a time: multiplications by odd numbers, as in MurmurHash3 (A. Appleby). */
  #hash(time: number): number {
    this.#float[0] = time;
    let hash = Math.imul(this.#words[0]! ^ Math.imul(this.#words[1]!, 0x9e3779b1), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}

/** How rows of the same time differ. */
export interface Repeats {
  readonly rows: number;
  readonly times: number;
  /** Rows that have the values of an earlier row of their time. */
  readonly same: number;
  readonly values: number;
}
