import type * as fs from 'node:fs';
import { dirname } from 'node:path';

/** What the faulty disk is to do next; `calls` counts the calls of the system that change the disk. */
export const disk = {
  calls: 0,
  /** Number of the call that fails. */
  failAt: Number.POSITIVE_INFINITY,
  /** Whether all calls after it fail too, as for a process that dies. */
  dead: false,
  /** Loses what no fsync has made last: the bytes of files, and renames. */
  cutPower: (): void => {},
  /** Makes all of it last. */
  settle: (): void => {},
};

export function failAt(call: number, dead: boolean): void {
  Object.assign(disk, { calls: 0, failAt: call, dead });
}

export function failNever(): void {
  failAt(Number.POSITIVE_INFINITY, false);
}

/** A disk that keeps nothing unless it is synced: in place of `node:fs`. Syncing takes no time. */
export function faultyDisk(real: typeof fs): typeof fs {
  const open = new Map<number, string>();
  const unsynced = new Set<string>();
  let renames: { to: string; old: Buffer | undefined }[] = [];

  disk.cutPower = () => {
    for (const path of unsynced) if (real.existsSync(path)) real.truncateSync(path);
    for (const { to, old } of renames.toReversed()) {
      if (old) real.writeFileSync(to, old);
      else real.rmSync(to, { force: true });
    }
    disk.settle();
  };
  disk.settle = () => {
    unsynced.clear();
    renames = [];
  };
  const faulty =
    <A extends unknown[], R>(call: (...args: A) => R, half?: (...args: A) => void) =>
    (...args: A): R => {
      const number = disk.calls++;
      if (number === disk.failAt) half?.(...args);
      if (number === disk.failAt || (disk.dead && number > disk.failAt)) throw new Error('the disk is full');
      return call(...args);
    };
  // a write that is interrupted may have got half way
  const writeHalf = (file: number, bytes: Uint8Array, start = 0) => {
    unsynced.add(open.get(file)!);
    real.writeSync(file, bytes, start, (bytes.length - start) >> 1);
  };
  const openSync = (path: string, flags: string) => {
    const file = real.openSync(path, flags);
    open.set(file, path);
    return file;
  };
  const writeSync = (file: number, bytes: Uint8Array, start = 0) => {
    unsynced.add(open.get(file)!);
    return real.writeSync(file, bytes, start);
  };
  const fsyncSync = (file: number) => {
    const path = open.get(file)!;
    unsynced.delete(path);
    renames = renames.filter(({ to }) => dirname(to) !== path);
  };
  const renameSync = (from: string, to: string) => {
    renames.push({ to, old: real.existsSync(to) ? real.readFileSync(to) : undefined });
    if (unsynced.delete(from)) unsynced.add(to);
    real.renameSync(from, to);
  };
  return {
    ...real,
    openSync: faulty(openSync),
    writeSync: faulty(writeSync, writeHalf),
    fsyncSync: faulty(fsyncSync),
    renameSync: faulty(renameSync),
    rmSync: faulty(real.rmSync),
    linkSync: faulty(real.linkSync),
  } as typeof fs;
}
