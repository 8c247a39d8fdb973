import type { Table } from '../../data/table.ts';

/** A sample that has come, and what had been forecast for it. */
export interface Row {
  /** ms since 1970; NaN where unknown. */
  at: number;
  values: Float64Array;
  /** The interval forecast for this sample a horizon before it, one value for each target. */
  expected?: { lower: Float64Array; upper: Float64Array } | undefined;
}

/** The last `keep` samples. */
export class Recent {
  readonly rows: Row[] = [];
  readonly #keep: number;

  constructor(keep: number) {
    this.#keep = keep;
  }

  push(row: Row): void {
    this.rows.push(row);
    if (this.rows.length > this.#keep) this.rows.shift();
  }

  table(names: readonly string[], units: readonly (string | undefined)[]): Table {
    return {
      names: [...names],
      units: [...units],
      columns: names.map((_, column) => Float64Array.from(this.rows, ({ values }) => values[column]!)),
      ...(this.rows.every(({ at }) => Number.isFinite(at)) && { at: Float64Array.from(this.rows, ({ at }) => at) }),
    };
  }
}
