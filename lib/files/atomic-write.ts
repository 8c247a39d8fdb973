import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { types } from 'node:util';
import { GatecastError, misfit } from '../base/errors.ts';
import { checkRegular } from './open-regular.ts';

/**
 * Writes a file whole or not at all: whenever the process or the machine stops, `path` holds either all of the old
 * bytes or all of the new ones. A link is followed, and a replaced file keeps its permissions. Throws
 * `invalid-argument` for a path or bytes of a wrong type, and `io` if the system refuses or if the path is a pipe or a
 * device, which a file must not replace; no temporary file is left behind then.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  if (typeof path !== 'string') throw misfit('a path', 'the file', path);
  if (!types.isUint8Array(bytes)) {
    throw misfit('a Uint8Array', 'the bytes of the file', bytes);
  }
  try {
    const target = await realpath(path).catch(() => path);
    const folder = dirname(target);
    const beside = join(folder, `.${randomUUID()}.tmp`); // in the same folder: a rename cannot cross file systems
    try {
      await writeDurably(beside, bytes, await permissions(target));
      await rename(beside, target);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
    await syncFolder(folder);
  } catch (cause) {
    throw new GatecastError('io', `Expected to write ${path} but could not: ${(cause as Error).message}.`, { cause });
  }
}

async function permissions(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return 0o666;
  checkRegular(path, found);
  return found.mode & 0o777;
}

async function writeDurably(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself durable. Windows cannot open a folder and does not need this. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
