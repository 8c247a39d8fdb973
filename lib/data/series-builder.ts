import type { KeyedTable } from './series.ts';
import type { Role } from './table.ts';

/** The columns of all tables that a builder makes. */
export interface Columns {
  names: readonly string[];
  units?: readonly (string | undefined)[];
  /** The words of each category; a category without any yet has an empty list, to which its reader adds. */
  words?: readonly (readonly string[] | undefined)[];
  roles?: readonly (Role | undefined)[];
  /** True if rows have times. */
  timed: boolean;
}

interface Rows {
  at: number[];
  columns: number[][];
}

/** Gathers rows of any series, one by one, and returns them as chunks. For readers of sources. */
export class SeriesBuilder {
  readonly #columns: Columns;
  #series = new Map<string, Rows>();
  #rows = 0;

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  /** How many rows were added since the last `take`. */
  get rows(): number {
    return this.#rows;
  }

  /** Adds a row: a value for each column, NaN if missing, and its time [ms since 1970], NaN if unknown. */
  add(key: string, values: ArrayLike<number>, at = Number.NaN): void {
    let rows = this.#series.get(key);
    if (!rows) {
      rows = { at: [], columns: this.#columns.names.map(() => []) };
      this.#series.set(key, rows);
    }
    if (this.#columns.timed) rows.at.push(at);
    for (let i = 0; i < rows.columns.length; i++) rows.columns[i]!.push(values[i]!);
    this.#rows += 1;
  }

  /** Returns the rows added since the last call, a table for each series. */
  take(): KeyedTable[] {
    const { names, units, words, roles, timed } = this.#columns;
    const taken = [...this.#series].map(
      ([key, { at, columns }]): KeyedTable => ({
        key,
        names: [...names],
        columns: columns.map((column) => new Float64Array(column)),
        ...(units && { units: [...units] }),
        ...(words && { words: words.map((list) => list && [...list]) }),
        ...(roles && { roles: [...roles] }),
        ...(timed && { at: new Float64Array(at) }),
      }),
    );
    this.#series = new Map();
    this.#rows = 0;
    return taken;
  }
}
