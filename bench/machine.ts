import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { root } from './paths.ts';
import type { NativeAbout } from './native-runner.ts';

/** Without these a number means nothing. */
export interface Machine {
  date: string;
  cpu: string;
  cores: number;
  caches: string[];
  memoryGB: number;
  system: string;
  node: string;
  compiler: string | null;
  isa: string | null;
  onednn: string | null;
  /** With a plus sign if files were changed. */
  commit: string;
}

export function describeMachine(about: NativeAbout | undefined): Machine {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    caches: caches(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    compiler: about?.compiler ?? null,
    isa: about?.isa ?? null,
    onednn: about?.onednn || null,
    commit: git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') ? '+' : ''),
  };
}

/** "L1d 32K", "L2 1024K", .. of the first core; empty if the system does not say. */
function caches(): string[] {
  const folder = '/sys/devices/system/cpu/cpu0/cache';
  if (!existsSync(folder)) return [];
  const read = (index: string, name: string) => readFileSync(`${folder}/${index}/${name}`, 'utf8').trim();
  return readdirSync(folder)
    .filter((index) => index.startsWith('index') && read(index, 'type') !== 'Instruction')
    .map((index) => `L${read(index, 'level')}${read(index, 'type') === 'Data' ? 'd' : ''} ${read(index, 'size')}`);
}

function git(...words: string[]): string {
  return (spawnSync('git', words, { cwd: root, encoding: 'utf8' }).stdout ?? '').trim();
}
