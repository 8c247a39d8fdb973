import { columnIndex } from '../data/table.ts';
import type { ModelDescription } from '../model/model.ts';
import type { SeriesRows } from './plan.ts';

/** The true classes of all rows, in the form of `RowMarks`. */
export interface Labels {
  /** [rows][place of the class, 0, 1] */
  readonly scaled: Float32Array;
  /** 1 for a row without a word, or with one that is no class. */
  readonly missing: Uint8Array;
}

/** The classes of the rows of all series. A word that the training rows do not have is no class. */
export function labelsOf(series: readonly SeriesRows[], { targets, classes }: ModelDescription, rows: number): Labels {
  const scaled = new Float32Array(3 * rows);
  const missing = new Uint8Array(rows);
  const places = new Map(classes!.map((word, place) => [word, place]));
  for (const { table, offset } of series) {
    const column = columnIndex(table, targets[0]!);
    const words = table.words?.[column] ?? [];
    table.columns[column]!.forEach((value, row) => {
      const place = places.get(words[value] ?? '');
      scaled[3 * (offset + row)] = place ?? 0;
      scaled[3 * (offset + row) + 2] = 1;
      if (place === undefined) missing[offset + row] = 1;
    });
  }
  return { scaled, missing };
}
