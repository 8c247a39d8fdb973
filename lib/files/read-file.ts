import { readFile, stat } from 'node:fs/promises';
import { expected, GatecastError } from '../errors.ts';

/**
 * The bytes of a regular file. Throws `invalid-argument` for a path that is not text and `io` when the file cannot
 * be read; a device or a pipe, which may never end, is not opened.
 */
export async function readFileWhole(path: string): Promise<Uint8Array> {
  if (typeof path !== 'string') throw new GatecastError('invalid-argument', expected('a path', 'the file', path));
  try {
    if (!(await stat(path)).isFile()) throw new Error('it is not a regular file');
    return await readFile(path);
  } catch (cause) {
    throw new GatecastError('io', `Expected to read ${path} but could not: ${(cause as Error).message}.`, { cause });
  }
}
