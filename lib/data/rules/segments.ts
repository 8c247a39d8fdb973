import { GatecastError } from '../../base/errors.ts';
import type { Table } from '../table.ts';

/** Rows of one segment of a series: no gap within it is longer than the rules allow. */
export interface Segment<T extends Table = Table> {
  /** Number of the segment in its series, from 0. Tables of the same segment follow one another. */
  readonly segment: number;
  readonly table: T;
}

/** Steps without a row, for each row, that are too many to be what the data mean. */
const MOST_MISSING = 20;
const ALWAYS_ALLOWED = 100_000;

/** Gathers rows of segments. The newest row, and as many before it as the caller says, can still be changed. */
export class SegmentBuilder {
  /** Times [ms] and columns of the rows held; only the first `length` of each are rows. */
  at = new Float64Array(0);
  columns: Float64Array[];
  length = 0;
  /** Steps without a row that were added. */
  missing = 0;
  readonly #template: Table;
  readonly #complete: Segment[] = [];
  #segment = 0;
  #rows = 0;

  /** The tables get the names and all other fields of `template`, except its rows. */
  constructor(template: Table) {
    this.#template = template;
    this.columns = template.columns.map(() => new Float64Array(0));
  }

  /** Number of segments begun. */
  get segments(): number {
    return this.#rows === 0 ? 0 : this.#segment + 1;
  }

  /** Adds the rows `from` (inclusive) to `to` (exclusive) of a table with times. */
  addRows({ at, columns }: Table, from: number, to: number): void {
    if (from === to) return;
    this.#reserve(to - from);
    this.at.set(at!.subarray(from, to), this.length);
    for (const [index, column] of this.columns.entries()) {
      column.set(columns[index]!.subarray(from, to), this.length);
    }
    this.length += to - from;
    this.#rows += to - from;
  }

  /** Adds a row whose values are yet to come. */
  addEmpty(time: number): void {
    this.addMissing(time);
    this.#rows += 1;
  }

  /** Adds a step without a row. */
  addMissing(time: number): void {
    this.#reserve(1);
    this.at[this.length] = time;
    for (const column of this.columns) column[this.length] = Number.NaN;
    this.length += 1;
  }

  /** Checks that so many steps without a row may follow, and counts them. Throws `invalid-data`. */
  expectMissing(count: number, step: number): void {
    this.missing += count;
    if (this.missing <= MOST_MISSING * this.#rows + ALWAYS_ALLOWED) return;
    throw new GatecastError(
      'invalid-data',
      `Expected rows at steps of ${step} ms but ${this.missing} steps, more than ${MOST_MISSING} for each row, have none. ` +
        'Give a longer interval, a shorter longest gap (maxGap), or a length to resample to (every).',
    );
  }

  /** Ends the segment. */
  split(): void {
    this.#move(this.length);
    this.#segment += 1;
  }

  /** The rows gathered since the last call, but for the newest `held`. */
  take(held = 0): Segment[] {
    this.#move(Math.max(0, this.length - held));
    return this.#complete.splice(0);
  }

  /** Takes the first `count` rows for the next `take`. */
  #move(count: number): void {
    if (count === 0) return;
    const first = (rows: Float64Array) => rows.slice(0, count);
    const table = { ...this.#template, columns: this.columns.map(first), at: first(this.at) };
    this.#complete.push({ segment: this.#segment, table });
    for (const column of [this.at, ...this.columns]) column.copyWithin(0, count, this.length);
    this.length -= count;
  }

  #reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.at.length) return;
    const grown = (rows: Float64Array) => {
      const longer = new Float64Array(Math.max(needed, 2 * rows.length));
      longer.set(rows.subarray(0, this.length));
      return longer;
    };
    this.at = grown(this.at);
    this.columns = this.columns.map(grown);
  }
}
