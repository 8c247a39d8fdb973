import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { syncFolderSync } from '../files/replace-file.ts';
import { attempt } from './attempt.ts';
import { checkFolder } from './checks.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';

/** A folder that one store of one thread has for itself. */
export interface OwnFolder {
  /** Absolute, because a program may change its working directory. */
  readonly path: string;
  readonly lock: FolderLock;
}

/**
 * Claims the folder of a store, which is created, durably, if it is missing. Throws `invalid-argument` unless `dir` is
 * a path, `busy` while another store has the folder, and `io`.
 */
export function openFolder(dir: string): OwnFolder {
  checkFolder(dir);
  return attempt(`open the store in ${dir}`, () => {
    const path = resolve(dir);
    const firstMade = mkdirSync(path, { recursive: true });
    if (firstMade !== undefined) {
      for (let made = path; made.length >= firstMade.length; made = dirname(made)) syncFolderSync(dirname(made));
    }
    return { path, lock: lockFolder(path) };
  });
}
