import { textTable } from '../text-table.ts';
import type { Measured } from './trial.ts';

/** The results of a trial as a table for people. */
export function tableOf(results: readonly Measured[]): string {
  const measures = [...new Set(results.flatMap(({ errors }) => Object.keys(errors)))];
  const rows = results.map(({ method, errors, seed, seconds }) => [
    method,
    ...measures.map((measure) => errors[measure]?.toPrecision(4) ?? '-'),
    seed === undefined ? '-' : String(seed),
    seconds.toFixed(1),
  ]);
  return textTable([['method', ...measures, 'seed', 'seconds'], ...rows]);
}
