// Builds and starts the native executable of bench/native.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { root } from './paths.ts';
import { loud, say } from './say.ts';

const folder = join(root, 'build-bench');

export interface NativeAbout {
  compiler: string;
  isa: string;
  onednn: string;
}

/** The path of the executable, built if need be; undefined, after a loud message, if it cannot be built. */
export function buildNative(): string | undefined {
  const configured = cmake(['-S', root, '-B', folder, '-DBENCH=ON', '-DCMAKE_BUILD_TYPE=Release']);
  if (configured.error !== undefined) return missing('cmake was not found');
  if (configured.status !== 0) return missing(lastLines(configured.stdout + configured.stderr));
  const warning = /SKIPPED: (.*)\n\s*(.*)/.exec(configured.stderr);
  if (warning !== null) loud(`SKIPPED: ${warning[1]} ${warning[2]}`);
  say('building the native benchmark');
  const jobs = String(Math.min(availableParallelism(), 2));
  const built = cmake(['--build', folder, '--target', 'gatecast-bench', '--config', 'Release', '--parallel', jobs]);
  if (built.status !== 0) return missing(lastLines(built.stdout + built.stderr));
  const names = ['gatecast-bench', 'Release/gatecast-bench.exe', 'gatecast-bench.exe'];
  return names.map((name) => join(folder, 'bench', 'native', name)).find((path) => existsSync(path));
}

/** What the executable reports about itself. */
export function aboutNative(program: string): NativeAbout {
  return JSON.parse(spawnSync(program, ['--about'], { encoding: 'utf8' }).stdout) as NativeAbout;
}

function cmake(words: string[]) {
  return spawnSync('cmake', words, { encoding: 'utf8', maxBuffer: 2 ** 26 });
}

function missing(reason: string): undefined {
  loud(`SKIPPED: the native trials and all floors: ${reason}.`);
  return undefined;
}

function lastLines(output: string): string {
  return `the build failed:\n${output.trimEnd().split('\n').slice(-20).join('\n')}`;
}
