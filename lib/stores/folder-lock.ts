import { types } from 'node:util';
import { randomUUID } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { GatecastError } from '../base/errors.ts';
import { openRegularSync } from '../files/open-regular.ts';
import { describeOwner, isAlive, type LockOwner, ownerOf, parseOwner } from './lock-owner.ts';

/** A claim to a folder. */
export interface FolderLock {
  /**
   * Throws `busy` unless the folder is still claimed: the lock may have been deleted or taken over. Call before
   * writing.
   */
  check(): void;
  release(): void;
}

/** How often a lock is renewed, and how long a silent lock is respected whose owner cannot be checked [ms]. */
const RENEWED_EVERY = 5000;
const STALE_AFTER = 30_000;

/**
 * Claims a folder for one store of one thread. The claim is the file `lock`, which names its owner and which the owner
 * keeps open. A lock is taken over once its thread or process has ended, by whatever means. If that cannot be known,
 * because the owner is on another machine or in another container, it is taken over after 30 s without renewal. Throws
 * `busy` while another owner has the folder, and what the system throws.
 */
export function lockFolder(folder: string): FolderLock {
  const lock = join(folder, 'lock');
  const aside = join(folder, `${ASIDE}${randomUUID()}`);
  const file = openSync(aside, 'wx+');
  try {
    const owner = ownerOf(file);
    writeSync(file, JSON.stringify({ ...owner, id: randomUUID() }));
    while (!create(lock, aside)) {
      const found = read(lock);
      if (!found) continue;
      refuseIfHeld(folder, found, owner, file);
      remove(lock, found.text, `${aside}-old`);
    }
  } catch (error) {
    closeSync(file);
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
  sweep(folder, fstatSync(file).mtimeMs);
  return new HeldLock(folder, lock, file);
}

/** Prefix of the files of unfinished claims. */
const ASIDE = '.lock-';

/**
 * Removes the files of claims whose owners ended before they finished. A file that cannot be removed is left to the
 * next sweep.
 */
function sweep(folder: string, now: number): void {
  try {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (name.startsWith(ASIDE) && now - statSync(path).mtimeMs > STALE_AFTER) rmSync(path, { force: true });
    }
  } catch {}
}

class HeldLock implements FolderLock {
  readonly #folder: string;
  readonly #lock: string;
  readonly #file: number;
  readonly #timer: NodeJS.Timeout;
  #renewedAt = performance.now();
  #released = false;

  constructor(folder: string, lock: string, file: number) {
    this.#folder = folder;
    this.#lock = lock;
    this.#file = file;
    this.#timer = setInterval(() => this.#renew(), RENEWED_EVERY).unref();
  }

  check(): void {
    // another claimer that has moved it away by mistake puts it back at once
    for (let look = 0; look < 100; look++) {
      if (this.#isOwn()) {
        // the timer may not have run for long
        if (performance.now() - this.#renewedAt > RENEWED_EVERY) this.#renew();
        return;
      }
      if (fstatSync(this.#file).nlink === 0) break;
      Atomics.wait(PAUSE, 0, 0, 1);
    }
    const found = read(this.#lock);
    const whose = found
      ? `${describeOwner(parseOwner(found.text), ownerOf(this.#file))} has it now`
      : 'its lock is gone';
    throw new GatecastError('busy', `Expected ${this.#folder} for this store alone but ${whose}.`);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    clearInterval(this.#timer);
    try {
      if (this.#isOwn()) rmSync(this.#lock, { force: true });
    } finally {
      closeSync(this.#file);
    }
  }

  #isOwn(): boolean {
    const own = fstatSync(this.#file, { bigint: true });
    const found = statSync(this.#lock, { bigint: true, throwIfNoEntry: false });
    return found !== undefined && found.ino === own.ino && found.dev === own.dev;
  }

  /** Rewrites the first byte, so that the file system's own clock sets the time of renewal. */
  #renew(): void {
    this.#renewedAt = performance.now();
    try {
      writeSync(this.#file, '{', 0);
    } catch {} // a full disk, for example: renewed next time
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** False if there is a lock already. Made with a link, which appears with its whole text or not at all. */
function create(lock: string, aside: string): boolean {
  try {
    linkSync(aside, lock);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return false;
  }
}

/** Removes the lock if it is still the one found: another process may have taken it over since. */
function remove(lock: string, found: string, aside: string): void {
  try {
    renameSync(lock, aside);
    if (readFileSync(aside, 'utf8') !== found) linkSync(aside, lock);
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

interface FoundLock {
  readonly text: string;
  readonly stats: BigIntStats;
}

function read(lock: string): FoundLock | undefined {
  try {
    const file = openRegularSync(lock);
    try {
      return { text: readFileSync(file, 'utf8'), stats: fstatSync(file, { bigint: true }) };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function refuseIfHeld(folder: string, { text, stats }: FoundLock, here: LockOwner, file: number): void {
  const owner = parseOwner(text);
  const alive = owner === undefined ? false : isAlive(owner, stats, here);
  if (alive === false) return;
  let wait = '';
  if (alive === undefined) {
    // both times come from the file system, because the clocks of machines differ; a clock that was ahead may have been
    // set back since
    const silence = Math.abs(Number(fstatSync(file, { bigint: true }).mtimeMs - stats.mtimeMs));
    if (silence > STALE_AFTER) return;
    wait = `; if that has ended, try again in ${Math.ceil((STALE_AFTER - silence) / 1000)} s`;
  }
  const whose = describeOwner(owner, here);
  throw new GatecastError('busy', `Expected ${folder} for this store alone but ${whose} has it${wait}.`);
}

function hasCode(error: unknown, code: string): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === code;
}
