import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fileStore } from '../../lib/stores/file-store.ts';
import { content } from './operations.ts';

// for its syncing, which takes no time
vi.mock('node:fs', async (original) => {
  const { faultyDisk } = await import('./faulty-disk.ts');
  return faultyDisk(await original());
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const segments = () => readdirSync(folder).filter((name) => name.endsWith('.segment'));
const bytesOnDisk = () => segments().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
/** What a record and a file of records add to the key and the snapshot. */
const RECORD = 10;
const FILE = 12;

describe('fileStore', () => {
  test('writes what changed, not what it holds', () => {
    const store = fileStore(folder);
    store.put('large', new Uint8Array(1_000_000));
    store.flush();
    const [large] = segments();
    const { ino } = statSync(join(folder, large!));
    for (let i = 0; i < 100; i++) {
      store.put(`small ${i % 10}`, new Uint8Array(100));
      store.flush();
    }
    expect(statSync(join(folder, large!)).ino).toBe(ino);
    store.close();
  });

  test('writes nothing when nothing changed', () => {
    const store = fileStore(folder);
    store.put('a', new Uint8Array(3));
    store.meta = [1];
    store.flush();
    const before = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).ino]);
    store.meta = [1];
    store.delete('b');
    store.put('c', new Uint8Array(3));
    store.delete('c');
    store.flush();
    expect(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).ino])).toEqual(before);
    store.close();
  });

  // One flush a key, 1,000 times: by halves, a record is written again at most 10 times, beside its own.
  test('writes each record a logarithm of times, into a logarithm of files', () => {
    const store = fileStore(folder);
    let written = 0;
    let seen = new Set<string>();
    for (let i = 0; i < 1000; i++) {
      store.put(`key ${i}`, new Uint8Array(90));
      store.flush();
      const now = segments();
      for (const name of now) if (!seen.has(name)) written += statSync(join(folder, name)).size;
      seen = new Set(now);
      expect(now.length).toBeLessThanOrEqual(11);
    }
    expect(written).toBeLessThanOrEqual(11 * bytesOnDisk());
    store.close();
  });

  const key = fc.integer({ min: 0, max: 30 }).map((i) => `key ${i}`);
  const size = fc.integer({ min: 0, max: 13 }).map((power) => 2 ** power);
  const change = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(key, size) },
    { weight: 1, arbitrary: fc.tuple(key, fc.constant(undefined)) },
  );
  test('keeps the files few, and no more dead bytes than living ones', () => {
    fc.assert(
      fc.property(fc.array(fc.array(change, { minLength: 1, maxLength: 8 }), { maxLength: 40 }), (flushes) => {
        let store = fileStore(folder);
        for (const key of store.keys()) store.delete(key);
        const model = new Map<string, Uint8Array>();
        flushes.forEach((changes, i) => {
          for (const [key, size] of changes) {
            if (size === undefined) {
              store.delete(key);
              model.delete(key);
            } else {
              const bytes = new Uint8Array(size).fill(i);
              store.put(key, bytes);
              model.set(key, bytes);
            }
          }
          store.flush();
          let living = 0;
          for (const [key, bytes] of model) living += RECORD + key.length + bytes.length;
          const count = segments().length;
          expect(bytesOnDisk() - FILE * count).toBeLessThanOrEqual(2 * living);
          expect(count).toBeLessThanOrEqual(2 + Math.log2(Math.max(1, living / RECORD)));
          if (i % 3 > 0) return;
          store.close();
          store = fileStore(folder);
          expect(content(store)).toEqual(model);
        });
        store.close();
      }),
      { numRuns: 25 },
    );
  });

  test('does not mind that the program changes its folder', () => {
    const before = process.cwd();
    try {
      process.chdir(folder);
      const store = fileStore('here');
      process.chdir('/');
      store.put('a', Uint8Array.of(1));
      store.flush();
      expect(store.get('a')).toEqual(Uint8Array.of(1));
      store.close();
      expect(readdirSync(join(folder, 'here'))).toContain('manifest');
    } finally {
      process.chdir(before);
    }
  });
});
