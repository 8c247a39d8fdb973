/** Most points of a sketch; when there are more, each two become one. */
const MOST_POINTS = 128;

/**
 * The course of some columns over all rows, in a few points, while the rows pass. Only so many rows are read that their
 * number grows with the logarithm of all rows.
 */
export class Sketch {
  readonly #columns: number[][];
  /** A row is read if its number is a multiple of this. */
  #stride = 1;
  #rows = 0;

  constructor(columns: number) {
    this.#columns = Array.from({ length: columns }, () => []);
  }

  /** Takes the next row: `read` gives the value of a column in it, NaN if it is missing. */
  add(read: (column: number) => number): void {
    if (this.#rows++ % this.#stride !== 0) return;
    for (let column = 0; column < this.#columns.length; column++) this.#columns[column]!.push(read(column));
    if ((this.#columns[0]?.length ?? 0) < MOST_POINTS) return;
    this.#stride *= 2;
    for (let column = 0; column < this.#columns.length; column++) {
      this.#columns[column] = this.#columns[column]!.filter((_, i) => i % 2 === 0);
    }
  }

  /** A column in at most `count` points in the order of the rows: means of its parts; null where all is missing. */
  points(column: number, count: number): (number | null)[] {
    const values = this.#columns[column]!;
    const parts = Math.min(count, values.length);
    return Array.from({ length: parts }, (_, part) => {
      const from = Math.floor((part * values.length) / parts);
      const present = values.slice(from, Math.floor(((part + 1) * values.length) / parts)).filter(Number.isFinite);
      return present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0) / present.length;
    });
  }
}
