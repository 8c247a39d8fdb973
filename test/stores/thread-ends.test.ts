import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gatecastError } from '../support/gatecast-error.ts';
import { KINDS } from './kinds.ts';

// Workers and child processes run what was built, for Node loads no TypeScript.
const built = (path: string) => new URL(`../../dist/${path}`, import.meta.url).href;
const PATHS: Record<string, string> = { fileStore: 'index.js', lmdbStore: 'adapters/lmdb.js' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-thread-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.each(KINDS.filter(({ durable }) => durable))('$name', ({ name, open }) => {
  /** Opens the store, flushes a key and puts another; then does what `end` says, or stays. */
  const program = (end: string) => `
    const { ${name} } = await import(${JSON.stringify(built(PATHS[name]!))});
    const { isMainThread, parentPort } = await import('node:worker_threads');
    const store = ${name}(${JSON.stringify(folder)});
    store.put('flushed', Uint8Array.of(1));
    store.flush();
    store.put('lost', Uint8Array.of(2));
    if (isMainThread) process.stdout.write('open'); else parentPort.postMessage('open');
    globalThis.kept = store;
    ${end}
    setInterval(() => {}, 1000);
  `;
  const startWorker = (end: string) =>
    new Worker(new URL(`data:text/javascript,${encodeURIComponent(program(end))}`), { stderr: true });
  const expectFreed = () => {
    const store = open(folder);
    expect(store.keys()).toEqual(['flushed']);
    store.close();
    expect(readdirSync(folder).filter((file) => /^\.|^lock$/.test(file))).toEqual([]);
  };

  test('is for one thread at a time, and free when that is terminated, again and again', async () => {
    for (let round = 0; round < 3; round++) {
      const worker = startWorker('');
      await once(worker, 'message');
      const whose = new RegExp(`but thread ${worker.threadId} of this process has it\\.$`);
      expect(() => open(folder)).toThrow(gatecastError('busy', whose));
      const second = startWorker('');
      await expect(once(second, 'message')).rejects.toThrow(whose);
      await worker.terminate();
    }
    expectFreed();
  });

  test.each([
    ['crashes', "throw new Error('a fault of the program');"],
    ['crashes later', "setTimeout(() => { throw new Error('a fault of the program'); });"],
    ['calls process.exit()', 'process.exit(3);'],
  ])('is free when a worker that has it %s', async (_, end) => {
    const worker = startWorker(end);
    await new Promise((resolve) => worker.on('error', () => {}).on('exit', resolve));
    expectFreed();
  });

  test('is free in another process too, while that of the worker goes on', async () => {
    const main = `
      const { Worker } = await import('node:worker_threads');
      const worker = new Worker(new URL(${JSON.stringify(`data:text/javascript,${encodeURIComponent(program(''))}`)}));
      worker.once('message', () => process.stdout.write('open'));
      process.stdin.once('data', async () => { await worker.terminate(); process.stdout.write('terminated'); });
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', main]);
    await once(child.stdout, 'data');
    expect(() => open(folder)).toThrow(gatecastError('busy', new RegExp(`but process ${child.pid} has it`)));
    child.stdin.write('x');
    await once(child.stdout, 'data');
    if (process.platform === 'linux') expectFreed();
    child.kill();
    await once(child, 'exit');
    expectFreed();
  });

  test('is refused to a forked child of its owner, and stays with the owner when the child ends', async () => {
    const store = open(folder);
    const file = join(folder, 'child.mjs');
    writeFileSync(file, program(''));
    const child = fork(file, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const [text] = (await once(child.stderr!, 'data')) as [Buffer];
    expect(text.toString()).toContain(`has it`);
    await once(child, 'exit');
    expect(() => open(folder)).toThrow(gatecastError('busy', /this thread has it/));
    store.put('flushed', Uint8Array.of(1));
    store.close();
    expectFreed();
  });
});
