import { type ChildProcess, fork, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const host = fileURLToPath(new URL('host.mjs', import.meta.url));

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

/** Runs it with `input` on standard input, in a process of its own. */
export function gatecastAlone(cwd: string, words: string[], input = ''): Promise<Ended> {
  const { child, ended } = startGatecast(cwd, {}, ...words);
  child.stdin.end(input);
  return ended;
}

let hosting: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Runs it with `input` on standard input, after the runs asked for before, in a process that they share. */
export function gatecast(cwd: string, words: string[], input = ''): Promise<Ended> {
  const ended = last.then(() => runInHost({ cwd, words, input }));
  last = ended;
  return ended;
}

function runInHost(task: { cwd: string; words: string[]; input: string }): Promise<Ended> {
  hosting ??= startHost();
  const child = hosting;
  return new Promise((resolve) => {
    const onMessage = (answer: Ended) => settle(answer);
    const onExit = (code: number | null) => settle({ code, stdout: '', stderr: 'it died without an answer' });
    const settle = (answer: Ended) => {
      child.off('message', onMessage).off('exit', onExit);
      resolve(answer);
    };
    child.on('message', onMessage).on('exit', onExit).send(task);
  });
}

/** A host ends with the process that started it. */
function startHost(): ChildProcess {
  const child = fork(host, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  child.on('exit', () => {
    if (hosting === child) hosting = undefined;
  });
  return child;
}
