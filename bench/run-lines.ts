import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Result } from './record.ts';

/** Runs a program that prints results as JSON lines, and passes them on as they come. Throws if it fails. */
export async function runLines(program: string, words: string[], onResult: (result: Result) => void): Promise<void> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  for await (const line of createInterface({ input: child.stdout })) onResult(JSON.parse(line) as Result);
  const code = await ended;
  if (code !== 0) throw new Error(`${program} ended with code ${code}.`);
}
