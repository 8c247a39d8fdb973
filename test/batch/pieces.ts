import type { KeyedTable, Series } from '../../lib/data/series.ts';
import { sliceRows, type Table } from '../../lib/data/table.ts';

/** Tables as series, in chunks of some rows. The chunks of all series come in turn; some are empty. */
export function inPieces(tables: ReadonlyMap<string, Table>, rows: (chunk: number) => number): Series {
  return {
    async *[Symbol.asyncIterator]() {
      const left = new Map([...tables].map(([key, table]) => [key, { table, from: 0 }]));
      for (let chunk = 0; left.size > 0; ) {
        for (const [key, part] of left) {
          const { table, from } = part;
          if (chunk % 3 === 0) yield { ...sliceRows(table, from, from), key } satisfies KeyedTable; // nothing new
          const to = Math.min(from + rows(chunk++), table.columns[0]!.length);
          yield { ...sliceRows(table, from, to), key } satisfies KeyedTable;
          part.from = to;
          if (to === table.columns[0]!.length) left.delete(key);
        }
      }
    },
  };
}

/** Tables of the inputs of `makeModel`, by key, of these lengths; some values are missing or absurdly large. */
export function someTables(lengths: readonly number[]): Map<string, Table> {
  return new Map(
    lengths.map((rows, s) => {
      const column = (base: number, period: number) =>
        Float64Array.from({ length: rows }, (_, t) => {
          if ((7 * t + 3 * s + period) % 23 === 0) return (t + s) % 2 === 0 ? Number.NaN : 1e300;
          return base + Math.sin(s + t / period);
        });
      const at = Float64Array.from({ length: rows }, (_, t) => (t % 11 === 5 ? Number.NaN : 1000 * t));
      return [`s${s}`, { names: ['pressure', 'temperature'], columns: [column(10, 3), column(20, 5)], at }];
    }),
  );
}
