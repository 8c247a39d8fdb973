import { type BigIntStats, fstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';

/**
 * The owner of a lock: a thread of a process. It keeps the lock's file open for as long as it lives: Node closes the
 * files of a worker that ends, however it ends, and the system closes those of a process.
 */
export interface LockOwner {
  readonly host: string;
  /** Identifier of the installation, if the system has one: host names are not unique. */
  readonly machine: string;
  /** Identifies the current boot of the machine. */
  readonly boot: string;
  /** The namespace of the process number: containers number their own processes. */
  readonly space: string;
  readonly pid: number;
  /**
   * When the process began, as the system writes it, because process numbers are reused. Empty if the system does not
   * say.
   */
  readonly born: string;
  readonly thread: number;
  /** Descriptor of the open file of the lock. */
  readonly file: number;
}

/** This thread, as the owner that has the file open. */
export function ownerOf(file: number): LockOwner {
  const boot = readOrEmpty('/proc/sys/kernel/random/boot_id');
  const machine = readOrEmpty('/etc/machine-id');
  return {
    host: hostname(),
    machine,
    boot,
    space: processSpace(),
    pid: process.pid,
    born: born(process.pid),
    thread: threadId,
    file,
  };
}

/**
 * Whether the owner still has this lock; undefined if that cannot be known from here: it is on another machine or in
 * another container, or the system does not show other processes.
 */
export function isAlive(owner: LockOwner, lock: BigIntStats, here: LockOwner): boolean | undefined {
  if (owner.host !== here.host || owner.machine !== here.machine) return undefined;
  if (owner.boot !== here.boot) return false; // the machine has rebooted since
  if (owner.space !== here.space) return undefined;
  if (owner.pid === here.pid) return owner.born === here.born && isSame(lock, () => fstatSync(owner.file, BIG));
  if (!exists(owner.pid)) return false;
  const found = born(owner.pid);
  if (found === '') return undefined;
  if (found !== owner.born) return false;
  try {
    return isSame(lock, () => statSync(`/proc/${owner.pid}/fd/${owner.file}`, BIG));
  } catch {
    return true; // another user's process does not show its files
  }
}

/** Names the owner as seen from here: 'this thread', 'process 7'. */
export function describeOwner(owner: LockOwner | undefined, here: LockOwner): string {
  if (!owner) return 'somebody else';
  if (owner.host !== here.host || owner.machine !== here.machine) return `process ${owner.pid} on ${owner.host}`;
  if (owner.space !== here.space) return `process ${owner.pid} of another container`;
  if (owner.pid !== here.pid) return `process ${owner.pid}`;
  return owner.thread === here.thread ? 'this thread' : `thread ${owner.thread} of this process`;
}

/** The owner that the text of a lock names. Undefined for other text: a lock is always written whole. */
export function parseOwner(found: string): LockOwner | undefined {
  try {
    const claim = JSON.parse(found) as Record<keyof LockOwner, unknown> | null;
    const isNumber = (name: keyof LockOwner) => Number.isSafeInteger(claim?.[name]) && (claim![name] as number) >= 0;
    const isText = (name: keyof LockOwner) => typeof claim?.[name] === 'string';
    const whole = NUMBERS.every(isNumber) && TEXTS.every(isText);
    return whole ? (claim as LockOwner) : undefined;
  } catch {
    return undefined;
  }
}

const NUMBERS = ['pid', 'thread', 'file'] as const;
const TEXTS = ['host', 'machine', 'boot', 'space', 'born'] as const;

const BIG = { bigint: true } as const;

/** Whether an open file is the lock. Throws what the system throws, but not for a missing file. */
function isSame(lock: BigIntStats, look: () => BigIntStats): boolean {
  try {
    const found = look();
    return found.ino === lock.ino && found.dev === lock.dev;
  } catch (error) {
    if (['EBADF', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function born(pid: number): string {
  const status = readOrEmpty(`/proc/${pid}/stat`);
  // after the program's name, which stands in brackets and may hold anything: the state, and 19 fields later the start
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? 'ended, though nobody has asked how' : (fields[19] ?? '');
}

function processSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}
