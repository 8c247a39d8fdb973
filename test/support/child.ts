import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOf } from './bundled.ts';

/** How a child ended, and what it wrote. */
export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  lines: string[];
  errors: string;
}

/**
 * Runs a TypeScript file of test/ in a Node of its own. A child that hangs is killed after ten minutes. What it prints
 * goes to a file: a pipe refuses synchronous writes while it is full.
 */
export function runChild(path: string, flags: string[] = [], env: Record<string, string> = {}): Ended {
  const folder = mkdtempSync(join(tmpdir(), 'gatecast-child-'));
  const printed = join(folder, 'stdout');
  const output = openSync(printed, 'w');
  try {
    const { status, signal, stderr } = spawnSync(process.execPath, [...flags, ...programOf(path)], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
      stdio: ['ignore', output, 'pipe'],
      timeout: 600_000,
      killSignal: 'SIGKILL',
    });
    const lines = readFileSync(printed, 'utf8').split('\n');
    return { status, signal, lines: lines.filter((line) => line !== ''), errors: stderr };
  } finally {
    closeSync(output);
    rmSync(folder, { recursive: true });
  }
}
