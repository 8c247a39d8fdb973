import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GatecastError } from '../errors.ts';

/** Refuses, before any work, a path of something else than a file, and a folder that could not be written to. Throws `io`. */
export async function checkFolder(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw new GatecastError('io', `Expected a file to write but ${file} is a folder.`);
  if (there && !there.isFile())
    throw new GatecastError('io', `Expected a file to write but ${file} is a pipe or a device.`);
  try {
    await access(dirname(file), constants.W_OK);
  } catch (cause) {
    throw new GatecastError('io', `Expected a folder that can be written to for ${file}.`, { cause });
  }
}
