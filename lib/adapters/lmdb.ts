/**
 * A store of snapshots in LMDB.
 * @module gatecast/lmdb
 */
import { closeSync, existsSync, readSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as lmdb from 'lmdb';
import { GatecastError } from '../base/errors.ts';
import { checkRegular, openRegularSync } from '../files/open-regular.ts';
import { syncFolderSync } from '../files/replace-file.ts';
import { attempt } from '../stores/attempt.ts';
import type { Backing, Changes } from '../stores/backing.ts';
import { BufferedStore } from '../stores/buffered-store.ts';
import { openFolder, type OwnFolder } from '../stores/open-folder.ts';
import type { Store } from '../stores/store.ts';

/**
 * A store in an LMDB database. It needs the package `lmdb`. A flush is one transaction. Opening takes no longer for
 * many keys than for few, and memory holds none of them. The folder is made if it does not exist. LMDB keeps no
 * checksums: damage from outside may stay unnoticed or end the process.
 *
 * Throws `package-missing` if `lmdb` is not installed, `invalid-argument` unless `dir` is a path, `busy` while another
 * store has the folder open, `invalid-file` for files that are not an LMDB database, and `io`.
 */
export function lmdbStore(dir: string): Store {
  const { open } = load();
  const folder = openFolder(dir);
  try {
    return new BufferedStore(attemptLmdb('read', folder, () => new Lmdb(open, folder)));
  } catch (error) {
    folder.lock.release();
    throw error;
  }
}

/** Loads the package when a store is made, so that importing this file does not need it. */
function load(): typeof lmdb {
  try {
    return createRequire(import.meta.url)('lmdb') as typeof lmdb;
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    const message = `Expected the package lmdb for lmdbStore but could not load it (${reason}); run "npm install lmdb".`;
    throw new GatecastError('package-missing', message, { cause });
  }
}

type Database = lmdb.Database<Buffer, Buffer>;

const BINARY = { keyEncoding: 'binary', encoding: 'binary' } as const;
const META = Buffer.from('meta');

class Lmdb implements Backing {
  readonly #folder: OwnFolder;
  readonly #root: lmdb.RootDatabase<Buffer, Buffer>;
  readonly #snapshots: Database;
  /** The entries for all keys together, kept apart because a key may have any name. */
  readonly #common: Database;

  /** `close` releases the folder. */
  constructor(open: typeof lmdb.open, folder: OwnFolder) {
    checkDatabase(join(folder.path, 'data.mdb'));
    const readers = join(folder.path, 'lock.mdb');
    const found = statSync(readers, { throwIfNoEntry: false });
    if (found) checkRegular(readers, found);
    this.#folder = folder;
    // with overlappingSync a transaction would return before it is on the disk
    this.#root = open(folder.path, { ...BINARY, noSubdir: false, overlappingSync: false });
    try {
      this.#snapshots = this.#root.openDB({ ...BINARY, name: 'snapshots' });
      this.#common = this.#root.openDB({ ...BINARY, name: 'common' });
      syncFolderSync(folder.path);
    } catch (error) {
      this.#closeDatabase();
      throw error;
    }
  }

  get size(): number {
    return (this.#snapshots.getStats() as { entryCount: number }).entryCount;
  }

  get meta(): string | undefined {
    return this.#common.get(META)?.toString();
  }

  has(key: string): boolean {
    return this.#snapshots.doesExist(Buffer.from(key));
  }

  keys(): Iterable<string> {
    return this.#snapshots.getKeys().map((key) => key.toString());
  }

  read(key: string): Uint8Array | undefined {
    const bytes = attemptLmdb('read', this.#folder, () => this.#snapshots.get(Buffer.from(key)));
    return bytes && new Uint8Array(bytes);
  }

  write(changes: Changes, meta: string | undefined): void {
    attemptLmdb('write to', this.#folder, () => {
      this.#folder.lock.check();
      this.#root.transactionSync(() => {
        for (const [key, snapshot] of changes) {
          if (snapshot) this.#snapshots.putSync(Buffer.from(key), asBuffer(snapshot));
          else this.#snapshots.removeSync(Buffer.from(key));
        }
        if (meta !== undefined) this.#common.putSync(META, Buffer.from(meta));
      });
    });
  }

  close(): void {
    this.#closeDatabase();
    this.#folder.lock.release();
  }

  #closeDatabase(): void {
    // no operation is running that its promise could wait for: it is closed when this returns
    void this.#root.close();
  }
}

/** The same bytes as a Buffer, because lmdb takes nothing else as binary. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** 0xbeefc0de, which follows the head of the first page. The head differs between versions. */
const MAGIC = Buffer.from('dec0efbe', 'hex');
const HEAD_BYTES = 64;
/** The least size of a database: two pages. */
const LEAST_BYTES = 8192;

/**
 * Refuses other files, because LMDB reads them as its own and crashes. An empty file is a database that was never
 * written.
 */
function checkDatabase(path: string): void {
  if (!existsSync(path)) return;
  const head = Buffer.alloc(LEAST_BYTES);
  const file = openRegularSync(path);
  let length: number;
  try {
    length = readSync(file, head, 0, LEAST_BYTES, 0);
  } finally {
    closeSync(file);
  }
  if (length === 0) return;
  if (length < LEAST_BYTES || !head.subarray(0, HEAD_BYTES).includes(MAGIC)) {
    throw new GatecastError('invalid-file', `Expected an LMDB database in ${path} but it holds something else.`);
  }
}

const DAMAGED = /^MDB_(INVALID|CORRUPTED|INCOMPATIBLE|PAGE_NOTFOUND|VERSION_MISMATCH)/;

function attemptLmdb<T>(verb: string, folder: OwnFolder, action: () => T): T {
  return attempt(`${verb} the store in ${folder.path}`, () => {
    try {
      return action();
    } catch (cause) {
      const { message } = cause as Error;
      if (!DAMAGED.test(message)) throw cause;
      const sentence = `Expected a whole LMDB database in ${folder.path} but received ${message}.`;
      throw new GatecastError('invalid-file', sentence, { cause });
    }
  });
}
