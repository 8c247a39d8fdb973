import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));

/** Runs an example as a user does, with `gatecast` being the built package. Rejects when it fails or writes to stderr. */
export async function runExample(name: string, ...words: string[]): Promise<{ lines: string[] }> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [tsx, `examples/${name}`, ...words], {
    cwd: root,
  });
  if (stderr !== '') throw new Error(`examples/${name} wrote to stderr:\n${stderr}`);
  return { lines: stdout.trimEnd().split('\n') };
}
