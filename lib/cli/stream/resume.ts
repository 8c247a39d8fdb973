import { GatecastError } from '../../base/errors.ts';
import type { Store } from '../../stores/store.ts';
import type { KeptMeta } from '../../stream/keeper.ts';
import { say } from '../say.ts';

/** The key of the stream in its store if it is the only one. */
export const ONE_STREAM = 'stream';

/**
 * The offset after which a stream continues, if its store holds one and the lines up to it are to be left out. Prints
 * what the store holds. Throws `invalid-data` for a store that holds samples without an offset.
 */
export function offsetToResume(store: Store, folder: string, resume: boolean): number | undefined {
  const meta = store.meta as KeptMeta | undefined;
  if (meta === undefined) return undefined;
  const { samples, offset } = meta;
  if (resume && offset === null) {
    const what = `Expected an offset to resume from in ${folder} but its ${samples} samples carried none.`;
    throw new GatecastError('invalid-data', what);
  }
  const place = offset === null ? 'without an offset' : `up to offset ${offset}`;
  const hint = resume || offset === null ? '' : '; with --resume the same input continues from there';
  say(`continues from ${folder}, which holds ${samples} samples ${place}${hint}`);
  return resume && offset !== null ? offset : undefined;
}

/** Reports that a store was written with --key and does not hold the stream of a run without --key. */
export function sayKeyed(store: Store, folder: string): void {
  if (store.meta === undefined || store.size === 0 || store.get(ONE_STREAM) !== undefined) return;
  say(`${folder} holds streams by key, none of which continues without --key: this stream begins without state`);
}
