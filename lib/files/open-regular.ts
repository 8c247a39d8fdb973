import { closeSync, constants, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

/** Opening a pipe would wait for the other end; the flag prevents that and changes nothing for regular files. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a regular file for reading. A pipe, device, socket or folder is refused before it is opened: it may never
 * answer or never end. Throws the system's error, or an Error with the reason.
 */
export function openRegularSync(path: string): number {
  checkRegular(path, statSync(path));
  const file = openSync(path, READ);
  try {
    checkRegular(path, fstatSync(file)); // it may have been replaced since it was looked at
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** `openRegularSync` for callers that can wait. */
export async function openRegular(path: string): Promise<FileHandle> {
  checkRegular(path, await stat(path));
  const file = await open(path, READ);
  try {
    checkRegular(path, await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Throws an Error with the reason unless `found` is a regular file. */
export function checkRegular(path: string, found: Stats): void {
  if (!found.isFile()) throw new Error(`${path} is ${kindOf(found)}, not a regular file`);
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}
