import { chunksOf, type KeyedTable, type Series } from './series.ts';
import { joinTables, selectColumns, type Table } from './table.ts';

/** Most numbers held at once: 8 MiB. */
const HELD = 2 ** 20;

/**
 * Reads the columns `names` of series in blocks of many rows, with each series at most once in a block. Series that lie
 * one after the other in a file are thus stepped side by side, and memory does not grow with the file.
 */
export async function* blocksOf(series: Series, names: readonly string[], held = HELD): AsyncGenerator<KeyedTable[]> {
  let block = new Map<string, Table[]>();
  let numbers = 0;
  for await (const chunk of chunksOf(series)) {
    const table = selectColumns(chunk, names);
    const rows = table.columns[0]!.length;
    if (rows === 0) continue;
    const before = block.get(chunk.key);
    if (before) before.push(table);
    else block.set(chunk.key, [table]);
    numbers += rows * (names.length + 1);
    if (numbers < held) continue;
    yield joined(block);
    block = new Map();
    numbers = 0;
  }
  if (block.size > 0) yield joined(block);
}

function joined(block: ReadonlyMap<string, readonly Table[]>): KeyedTable[] {
  return [...block].map(([key, tables]) => ({ ...joinTables(tables), key }));
}
