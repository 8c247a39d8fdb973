import { attempt } from './attempt.ts';
import { BufferedStore } from './buffered-store.ts';
import { openFolder } from './open-folder.ts';
import { SegmentLog } from './segment-log.ts';
import type { Store } from './store.ts';

/**
 * A store in a folder of plain files; the folder is made when it is not there. Each flush writes what changed, and
 * merges older files while it is at it, so that no more than half of what lies on the disk is out of date. Memory holds
 * the keys and their places, not the snapshots. Opening reads all files once and checks every byte.
 *
 * Throws `invalid-argument` unless `dir` is a path, `busy` while another store has the folder, `invalid-file`, naming
 * it, for a file that is damaged, and `io`.
 */
export function fileStore(dir: string): Store {
  const folder = openFolder(dir);
  try {
    return new BufferedStore(attempt(`read the store in ${folder.path}`, () => new SegmentLog(folder)));
  } catch (error) {
    folder.lock.release();
    throw error;
  }
}
