import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How the files end that are not yet in their place; those of a process that was killed stay behind. */
export const BESIDE = '.tmp';

/**
 * Writes a file whole or not at all, and only returns when it is on the disk: `writeFileAtomic` for callers that cannot
 * wait for a promise. `write` puts the bytes into the open file. Throws what the system or `write` throws; nothing is
 * left behind then.
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

/** Makes new and renamed files of a folder last. Windows cannot open a folder and needs nothing of the kind. */
export function syncFolderSync(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
