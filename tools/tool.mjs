// Shared by the scripts of this folder.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program in the project's folder; its output goes to ours unless `capture` is set. */
export function run(program, words, { capture = false, env = {} } = {}) {
  const result = spawnSync(program, words, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
    stdio: capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  return { ok: result.status === 0, stdout: result.stdout ?? '', stderr: result.stderr ?? '' };
}

/** The first of `programs` that can be started. */
export function findProgram(...programs) {
  return programs.find((program) => run(program, ['--version'], { capture: true }).ok);
}

/** Files under `folder` whose name matches, as paths from the project's root with forward slashes, sorted. */
export function files(folder, pattern) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** Prints a message that nobody overlooks. */
export function loud(message) {
  const line = '!'.repeat(72);
  console.log(`${line}\n!! ${message}\n${line}`);
}

/** Ends with exit code 1 and the list if there are complaints; otherwise prints what was checked. */
export function conclude(complaints, checked) {
  for (const complaint of complaints) console.error(complaint);
  console.log(complaints.length === 0 ? `${checked}: ok` : `${checked}: ${complaints.length} wrong`);
  if (complaints.length > 0) process.exit(1);
}
