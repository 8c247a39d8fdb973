import { number, shapeText } from './format.ts';
import type { Result } from './record.ts';
import { textTable } from './text-table.ts';

/** Name of a column, and its text. A column that is empty in every row is left out. */
const columns: [string, (result: Result) => string][] = [
  ['cell', ({ cell }) => cell ?? '-'],
  ['shape', shapeText],
  ['', ({ variant }) => variant ?? '-'],
  ['precision', ({ precision }) => precision],
  ['isa', ({ isa }) => isa],
  ['threads', ({ threads }) => (threads > 1 ? String(threads) : '-')],
  ['ours', ({ ours }) => number(ours)],
  ['unit', ({ unit }) => unit],
  ['rival', ({ rival }) => number(rival)],
  ['', ({ rivalName }) => rivalName ?? '-'],
  ['ratio', ({ ratio }) => number(ratio)],
  ['floor', ({ floor }) => number(floor)],
  ['ours/floor', ({ floorRatio }) => number(floorRatio)],
  ['M steps/s', ({ millionSteps }) => number(millionSteps)],
  ['spread %', ({ spread }) => (spread === 0 ? '-' : number(spread))],
  ['error', ({ error }) => number(error)],
  ['rival error', ({ rivalError }) => number(rivalError)],
  ['p50', ({ p50 }) => number(p50)],
  ['p99', ({ p99 }) => number(p99)],
  ['p99.9', ({ p999 }) => number(p999)],
  ['max', ({ max }) => number(max)],
  ['B/sample', ({ sampleBytes }) => number(sampleBytes)],
  ['GC/million', ({ collections }) => number(collections)],
  ['state B', ({ stateBytes }) => number(stateBytes)],
  ['B/key beyond', ({ keyBytes }) => number(keyBytes)],
  ['peak MB', ({ peakBytes }) => number(peakBytes === undefined ? undefined : peakBytes / 2 ** 20)],
  ['growth %', ({ growth }) => number(growth)],
];

/** A table for people. */
export function tableOf(results: readonly Result[]): string {
  const shown = columns.filter(([, show]) => results.some((result) => !['-', ''].includes(show(result))));
  const rows = [shown.map(([name]) => name), ...results.map((result) => shown.map(([, show]) => show(result)))];
  return textTable(rows);
}
