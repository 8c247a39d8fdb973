import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lockFolder } from '../../lib/stores/folder-lock.ts';
import { gatecastError } from '../support/gatecast-error.ts';

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-lock-'));
  lock = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const claim = (change: object) => {
  const held = lockFolder(folder);
  const own = JSON.parse(readFileSync(lock, 'utf8')) as object;
  held.release();
  writeFileSync(lock, JSON.stringify({ ...own, ...change }));
};

describe('lockFolder', () => {
  test('is given once, and again after its release, and leaves nothing', () => {
    const held = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(gatecastError('busy', /this thread has it\.$/));
    held.release();
    lockFolder(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('refuses a folder that a live process has, and takes it over when that was killed', async () => {
    const module = new URL('../../lib/stores/folder-lock.ts', import.meta.url).href;
    const script = `
      const { lockFolder } = await import(${JSON.stringify(module)});
      lockFolder(${JSON.stringify(folder)});
      process.stdout.write('locked');
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script]);
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    expect(() => lockFolder(folder)).toThrow(gatecastError('busy', new RegExp(`process ${child.pid} has it`)));
    child.kill('SIGKILL');
    await ended;
    lockFolder(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('takes over from a process that ended', () => {
    claim({ pid: spawnSync(process.execPath, ['--version']).pid });
    lockFolder(folder).release();
  });

  test.runIf(process.platform === 'linux')('takes over when the number belongs to a later process', () => {
    claim({ born: '123' });
    lockFolder(folder).release();
  });

  test.runIf(process.platform === 'linux')('takes over from a process that was killed and not waited for', async () => {
    const parent = spawn('bash', ['-c', 'sleep 0.2 & echo $!; exec sleep 60']);
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(printed.toString());
    const status = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    while (status()[0] !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5));
    claim({ pid, born: status()[19] });
    lockFolder(folder).release();
    parent.kill();
  });

  const elsewhere = { host: `not ${hostname()}` };
  const container = { space: 'pid:[1]' };
  test.each([
    ['of another machine', elsewhere, /process \d+ on not /],
    ['of an installation of the same name', { machine: 'another' }, /process \d+ on /],
    ['of another container, with the same number', container, /process \d+ of another container/],
  ])('leaves a lock %s alone until it was not renewed for 30 s, whatever the clocks say', (_, change, whose) => {
    claim(change);
    expect(() => lockFolder(folder)).toThrow(gatecastError('busy', whose));
    expect(() => lockFolder(folder)).toThrow(gatecastError('busy', /if that has ended, try again in \d+ s\.$/));
    for (const seconds of [-31, 31]) {
      rmSync(lock, { force: true });
      claim(change);
      const then = Date.now() / 1000 + seconds;
      utimesSync(lock, then, then);
      lockFolder(folder).release();
    }
  });

  test('takes over when the machine has rebooted since', () => {
    claim({ boot: 'an earlier start' });
    lockFolder(folder).release();
  });

  test('takes over when the owner has closed the file, or the number is that of another file', () => {
    const other = openSync(join(folder, 'other'), 'w');
    for (const file of [other, 999_999]) {
      claim({ file });
      lockFolder(folder).release();
    }
    closeSync(other);
  });

  test('renews its lock while the program has turns', () => {
    vi.useFakeTimers();
    const held = lockFolder(folder);
    const old = new Date('2000-01-01');
    utimesSync(lock, old, old);
    vi.advanceTimersByTime(6000);
    expect(statSync(lock).mtimeMs).toBeGreaterThan(Date.parse('2001-01-01'));
    held.release();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test('reports before a write that the lock was deleted or taken over', () => {
    const held = lockFolder(folder);
    held.check();
    rmSync(lock);
    expect(() => held.check()).toThrow(gatecastError('busy', /but its lock is gone/));
    const other = lockFolder(folder);
    expect(() => held.check()).toThrow(gatecastError('busy', /but this thread has it now/));
    other.check();
    held.release();
    other.release();
  });

  test.runIf(process.platform !== 'win32')('refuses a lock that is a pipe, without waiting for its other end', () => {
    spawnSync('mkfifo', [lock]);
    expect(() => lockFolder(folder)).toThrow('a pipe, not a regular file');
    expect(readdirSync(folder)).toEqual(['lock']);
  });

  test('takes over a lock that is not a claim', () => {
    for (const text of ['', 'x', 'null', '{}', '[1]', '{"pid":"1"}']) {
      writeFileSync(lock, text);
      lockFolder(folder).release();
    }
  });

  test('removes claims that were never finished, once they are old', () => {
    const [old, fresh] = [join(folder, '.lock-old'), join(folder, '.lock-fresh')];
    for (const file of [old, fresh]) writeFileSync(file, '');
    const then = Date.now() / 1000 - 40;
    utimesSync(old, then, then);
    lockFolder(folder).release();
    expect(readdirSync(folder)).toEqual(['.lock-fresh']);
  });

  test('releases only its own claim', () => {
    const held = lockFolder(folder);
    rmSync(lock);
    const other = lockFolder(folder);
    held.release();
    expect(() => lockFolder(folder)).toThrow(gatecastError('busy'));
    other.release();
  });
});
