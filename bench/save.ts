import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.ts';
import { benchFolder } from './paths.ts';
import type { Result } from './record.ts';

export interface SavedRun {
  machine: Machine;
  quick: boolean;
  results: Result[];
}

export const resultsFolder: string = join(benchFolder, 'results');

/** Writes bench/results/<date>-<cpu>.json, one result per line; returns its path. */
export function saveRun({ machine, quick, results }: SavedRun): string {
  const cpu = machine.cpu.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const path = join(resultsFolder, `${machine.date.slice(0, 10)}-${cpu.replace(/^-|-$/g, '')}.json`);
  const lines = results.map((result) => `    ${JSON.stringify(result)}`).join(',\n');
  const head = `  "machine": ${JSON.stringify(machine)},\n  "quick": ${quick},`;
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(path, `{\n${head}\n  "results": [\n${lines}\n  ]\n}\n`);
  return path;
}

export function readRun(path: string): SavedRun {
  return JSON.parse(readFileSync(path, 'utf8')) as SavedRun;
}
