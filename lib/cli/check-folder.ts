import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GatecastError } from '../errors.ts';

/** Refuses, before any work, a file that is a folder or whose folder could not be written to. Throws `io`. */
export async function checkFolder(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw new GatecastError('io', `Expected a file to write but ${file} is a folder.`);
  try {
    await access(dirname(file), constants.W_OK);
  } catch (cause) {
    throw new GatecastError('io', `Expected a folder that can be written to for ${file}.`, { cause });
  }
}
