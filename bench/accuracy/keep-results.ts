import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isaName } from '../gatecast.ts';
import { describeMachine } from '../machine.ts';
import { resultsFolder } from '../save.ts';
import type { Measured } from './trial.ts';

/** Adds results to bench/results/accuracy/TRIAL.jsonl, each with the commit and the machine; returns the path. */
export function keepResults(trial: string, results: readonly Measured[]): string {
  const folder = join(resultsFolder, 'accuracy');
  const path = join(folder, `${trial}.jsonl`);
  const { date, commit, cpu, node } = describeMachine(undefined);
  const about = { date: date.slice(0, 10), commit, cpu, isa: isaName, node };
  mkdirSync(folder, { recursive: true });
  appendFileSync(path, results.map((result) => `${JSON.stringify({ ...result, ...about })}\n`).join(''));
  return path;
}
