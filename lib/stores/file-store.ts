import { attempt } from './attempt.ts';
import { BufferedStore } from './buffered-store.ts';
import { openFolder } from './open-folder.ts';
import { SegmentLog } from './segment-log.ts';
import type { Store } from './store.ts';

/**
 * A store in a folder of plain files; a missing folder is created. Each flush writes what changed, and merges older
 * files so that at most half of what is on the disk is out of date. Memory holds the keys and their positions, not the
 * snapshots. Opening reads all files once and checks every byte.
 *
 * Throws `invalid-argument` unless `dir` is a path, `busy` while another store has the folder, `invalid-file`, naming
 * the file, if one is damaged, and `io`.
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
