import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
  const release = lockFolder(folder);
  const own = JSON.parse(readFileSync(lock, 'utf8')) as object;
  release();
  writeFileSync(lock, JSON.stringify({ ...own, ...change }));
};

describe('lockFolder', () => {
  test('is given once, and again after its release, and leaves nothing', () => {
    const release = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(gatecastError('busy', new RegExp(`process ${process.pid} has it`)));
    release();
    lockFolder(folder)();
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
    lockFolder(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('takes over from a process that ended', () => {
    claim({ pid: spawnSync(process.execPath, ['--version']).pid });
    lockFolder(folder)();
  });

  test.runIf(process.platform === 'linux')('takes over when the number belongs to a later process', () => {
    claim({ born: 'an earlier start of the machine 123' });
    lockFolder(folder)();
  });

  test.runIf(process.platform === 'linux')('takes over from a process that was killed and not waited for', async () => {
    const parent = spawn('bash', ['-c', 'sleep 0 & echo $!; exec sleep 60']);
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(printed.toString());
    const status = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    while (status()[0] !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5));
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    claim({ pid, born: `${boot} ${status()[19]}` });
    lockFolder(folder)();
    parent.kill();
  });

  test('does not judge processes of another machine, and says what to do', () => {
    claim({ host: `not ${hostname()}`, pid: 2 ** 30 });
    expect(() => lockFolder(folder)).toThrow(gatecastError('busy', /on not .*; if that has ended, delete .*lock/));
  });

  test('takes over what is no claim', () => {
    for (const text of ['', 'x', 'null', '{}', '[1]', '{"pid":"1"}']) {
      writeFileSync(lock, text);
      lockFolder(folder)();
    }
  });

  test('releases only its own claim', () => {
    const release = lockFolder(folder);
    rmSync(lock);
    const other = lockFolder(folder);
    release();
    expect(() => lockFolder(folder)).toThrow(gatecastError('busy'));
    other();
  });
});
