import { closeSync, readFileSync } from 'node:fs';
import { GatecastError, misfit } from '../base/errors.ts';
import { openRegular, openRegularSync } from './open-regular.ts';

/**
 * Reads a whole regular file. Throws `invalid-argument` for a path that is not text and `io` if the file cannot be
 * read; a device or a pipe, which may never end, is not opened.
 */
export async function readFileWhole(path: string): Promise<Uint8Array> {
  if (typeof path !== 'string') throw misfit('a path', 'the file', path);
  try {
    const file = await openRegular(path);
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new GatecastError('io', `Expected to read ${path} but could not: ${(cause as Error).message}.`, { cause });
  }
}

/** Reads a whole regular file, for callers that cannot wait. Throws as `openRegularSync` does. */
export function readFileWholeSync(path: string): Buffer {
  const file = openRegularSync(path);
  try {
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** Reads a whole regular file; undefined if there is none. Throws as `readFileWhole` does. */
export async function readFileIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFileWhole(path);
  } catch (error) {
    const { cause } = error as GatecastError;
    if ((cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined;
    throw error;
  }
}
