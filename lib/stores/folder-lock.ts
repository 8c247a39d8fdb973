import { types } from 'node:util';
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { GatecastError } from '../errors.ts';

/**
 * Claims a folder for one store of one process; returns what gives it up. The claim is the file `lock`, which says
 * whose it is. That of a process that has ended, by whatever means, is taken over. Throws `busy` while somebody has
 * the folder, and what the system throws.
 */
export function lockFolder(folder: string): () => void {
  const lock = join(folder, 'lock');
  const claim = JSON.stringify({ pid: process.pid, host: hostname(), born: born(process.pid), id: randomUUID() });
  const aside = join(folder, `.lock-${randomUUID()}`);
  while (!create(lock, claim, aside)) {
    const found = read(lock);
    if (found !== undefined && isHeld(found)) throw busy(folder, lock, found);
    if (found !== undefined) remove(lock, found, aside);
  }
  return () => {
    if (read(lock) === claim) rmSync(lock, { force: true });
  };
}

/** False when there is a lock already. A link, because it appears with all of its text or not at all. */
function create(lock: string, claim: string, aside: string): boolean {
  writeFileSync(aside, claim);
  try {
    linkSync(aside, lock);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return false;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Removes the lock if it is still the one found: another process may have taken it over meanwhile. */
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

function read(lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

interface Claim {
  pid: number;
  host: string;
  born: string;
}

/** Whether the process that made the claim may still run. On another machine that cannot be known. */
function isHeld(text: string): boolean {
  const { pid, host, born: claimed } = parse(text);
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
  }
  const found = born(pid);
  return found === '' || found === claimed;
}

/**
 * When a process began, in the words of the system: numbers of processes are used again, after a restart above all.
 * Empty where the system does not tell.
 */
function born(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // behind the program's name, which stands in brackets and may hold anything: the state, and 19 fields on the time
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'ended, though nobody has asked how' : `${boot} ${fields[19]}`;
  } catch {
    return '';
  }
}

/** Text that is no claim is that of nobody: locks are made whole. */
function parse(found: string): Claim {
  try {
    const { pid, host, born } = JSON.parse(found) as Claim;
    if (Number.isSafeInteger(pid) && typeof host === 'string' && typeof born === 'string') return { pid, host, born };
  } catch {}
  return { pid: 2 ** 31 - 1, host: hostname(), born: '' };
}

function busy(folder: string, lock: string, found: string): GatecastError {
  const { pid, host } = parse(found);
  const where = host === hostname() ? '' : ` on ${host}; if that has ended, delete ${lock}`;
  return new GatecastError('busy', `Expected ${folder} for this store alone but process ${pid} has it${where}.`);
}

function hasCode(error: unknown, code: string): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === code;
}
