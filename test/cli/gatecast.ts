import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts the built command line in `cwd`, with `env` besides its environment; `ended` resolves with the outcome. */
export function startGatecast(cwd: string, env: Record<string, string>, ...words: string[]) {
  const child = spawn(process.execPath, [main, ...words], { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (texts.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (texts.stderr += String(chunk)));
  // A command that refuses its input may be gone before it is all written.
  child.stdin.on('error', () => {});
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...texts })));
  return { child, ended };
}

/** Runs it with `input` on standard input. */
export function gatecast(cwd: string, words: string[], input = ''): Promise<Ended> {
  const { child, ended } = startGatecast(cwd, {}, ...words);
  child.stdin.end(input);
  return ended;
}
