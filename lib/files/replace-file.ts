import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Suffix of files that are not yet in place; a process that is killed leaves them behind. */
export const BESIDE = '.tmp';

/**
 * Writes a file whole or not at all and returns when it is on the disk: `writeFileAtomic` for callers that cannot wait
 * for a promise. `write` fills the open file. Throws what the system or `write` throws; no temporary file is left
 * behind then.
 */
export function replaceFileSync(path: string, write: (file: number) => void): void {
  const folder = dirname(path);
  const beside = join(folder, `.${randomUUID()}${BESIDE}`);
  try {
    const file = openSync(beside, 'wx');
    try {
      write(file);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  syncFolderSync(folder);
}

/** Makes new and renamed files of a folder durable. Windows cannot open a folder and does not need this. */
export function syncFolderSync(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
