import { readFileSync } from 'node:fs';

/** The lines of shapes.txt that begin with `trial`, each as a list of its numbers. */
export function shapesOf(trial: string): number[][] {
  return readFileSync(new URL('shapes.txt', import.meta.url), 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([name]) => name === trial)
    .map(([, ...numbers]) => numbers.map(Number));
}
