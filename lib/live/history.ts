import type { Table } from '../data/table.ts';

/** A sample that has come, and the forecast made for it. */
export interface Row {
  /** [ms since the epoch]; undefined if unknown. */
  at: number | undefined;
  /** NaN if missing. */
  values: Float64Array;
  /** The interval forecast for this sample one horizon earlier, one value per target. */
  expected?: { lower: Float64Array; upper: Float64Array } | undefined;
}

/** The last `keep` samples: to learn from, and to show. */
export class History {
  readonly #keep: number;
  readonly #rows: Row[] = [];

  constructor(keep: number) {
    this.#keep = keep;
  }

  /** Oldest first. Always the same list, which keeps growing. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  get newest(): Row {
    return this.#rows.at(-1)!;
  }

  push(row: Row): void {
    this.#rows.push(row);
    if (this.#rows.length > this.#keep) this.#rows.shift();
  }

  table(names: readonly string[], units: readonly string[]): Table {
    return {
      names: [...names],
      units: [...units],
      columns: names.map((_, column) => Float64Array.from(this.#rows, ({ values }) => values[column]!)),
      ...(this.#rows.some(({ at }) => at !== undefined) && {
        at: Float64Array.from(this.#rows, ({ at }) => at ?? Number.NaN),
      }),
    };
  }
}
