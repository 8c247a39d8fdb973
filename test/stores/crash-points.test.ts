import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { fileStore } from '../../lib/stores/file-store.ts';
import type { Store } from '../../lib/stores/store.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { disk, failAt, failNever } from './faulty-disk.ts';
import { content, operate } from './operations.ts';

vi.mock('node:fs', async (original) => {
  const { faultyDisk } = await import('./faulty-disk.ts');
  return faultyDisk(await original());
});

/** Operations before each flush: some flushes merge few segments, some many. */
const FLUSHES = [50, 3, 2, 60];

/** Does the operations, as far as the disk lets it; returns the last that a flush promised, and the last of any flush. */
function work(store: Store): { promised: number; tried: number } {
  let promised = 0;
  let tried = 0;
  for (const count of FLUSHES) {
    const flushed = tryFlush(store, tried, count);
    tried += count;
    if (!flushed) break;
    promised = tried;
  }
  return { promised, tried };
}

/** Does the next operations and flushes; returns whether that did not throw. */
function tryFlush(store: Store, done: number, count: number): boolean {
  for (let n = done + 1; n <= done + count; n++) operate(store, n);
  store.meta = done + count;
  try {
    store.flush();
    return true;
  } catch {
    return false;
  }
}

function modelAt(n: number): Map<string, Uint8Array> {
  const model = new Map<string, Uint8Array>();
  for (let i = 1; i <= n; i++) operate(model, i);
  return model;
}

/** Runs the trial with each system call failing in turn, until none is reached. Returns their number. */
function atEachCall(trial: (folder: string, call: number) => void): number {
  for (let call = 0; ; call++) {
    const folder = mkdtempSync(join(tmpdir(), 'gatecast-crash-'));
    disk.settle();
    try {
      trial(folder, call);
    } finally {
      failNever();
      rmSync(folder, { recursive: true });
    }
    if (!reached) return call;
  }
}
let reached = true;

beforeEach(() => {
  reached = true;
  failNever();
});

/** Opens a store whose process died in this one. */
function reopen(folder: string): Store {
  reached = disk.calls > disk.failAt;
  failNever();
  rmSync(join(folder, 'lock'), { force: true });
  return fileStore(folder);
}

describe('fileStore, when each call of the system fails in turn', () => {
  describe.each([false, true])('and all after it, with power cut: %s', (cut) => {
    test('holds the last moment promised or the one under way', () => {
      const met = { promised: 0, underWay: 0 };
      const calls = atEachCall((folder, call) => {
        let outcome = { promised: 0, tried: 0 };
        failAt(call, true);
        try {
          outcome = work(fileStore(folder));
        } catch {}
        if (cut) disk.cutPower();
        const store = reopen(folder);
        const held = (store.meta as number | undefined) ?? 0;
        expect([outcome.promised, outcome.tried], `call ${call}`).toContain(held);
        expect(content(store), `call ${call}`).toEqual(modelAt(held));
        met[held === outcome.promised ? 'promised' : 'underWay']++;
        store.close();
      });
      expect(calls).toBeGreaterThan(10 * FLUSHES.length);
      expect(met.promised).toBeGreaterThan(met.underWay);
      // without a cut, the rename of the manifest is seen although its folder was not synced
      if (!cut) expect(met.underWay).toBeGreaterThanOrEqual(FLUSHES.length);
    });
  });

  test('alone: flush throws, and the next one brings everything to the disk', () => {
    let thrown = 0;
    const calls = atEachCall((folder, call) => {
      const store = fileStore(folder);
      failAt(call, false);
      const { promised, tried } = work(store);
      if (promised < tried) thrown++;
      const manifest = readFileSync(join(folder, 'manifest'), 'utf8').split('\n')[0]!;
      const { segments, meta } = JSON.parse(manifest) as { segments: unknown[]; meta?: number };
      // a flush that failed before its manifest was in place, again and again, must not fill the disk
      if (promised < tried && meta === (promised || undefined)) {
        const names = readdirSync(folder).filter((name) => name.endsWith('.segment'));
        expect(names, `call ${call}`).toHaveLength(segments.length);
      }
      expect(content(store), `call ${call}`).toEqual(modelAt(tried));
      store.flush();
      disk.cutPower();
      const flushed = reopen(folder);
      expect(flushed.meta).toBe(tried);
      expect(content(flushed), `call ${call}`).toEqual(modelAt(tried));
      flushed.close();
    });
    // all but the removal of what is no longer needed
    expect(thrown).toBeGreaterThan(0.8 * calls);
  });

  test('alone, and then one of the next flush and all after it: holds one of the moments tried', () => {
    let trials = 0;
    atEachCall((folder, first) => {
      for (let second = 0, dies = true; dies; second++, trials++) {
        const dir = join(folder, `${second}`);
        const store = fileStore(dir);
        tryFlush(store, 0, 8);
        failAt(first, false);
        tryFlush(store, 8, 2);
        const failed = disk.calls > first;
        failAt(second, true);
        dies = !tryFlush(store, 10, 2);
        const again = reopen(dir);
        const held = (again.meta as number | undefined) ?? 0;
        expect(dies ? [8, 10, 12] : [12], `calls ${first} and ${second}`).toContain(held);
        expect(content(again), `calls ${first} and ${second}`).toEqual(modelAt(held));
        again.close();
        reached = failed;
      }
    });
    expect(trials).toBeGreaterThan(150);
  });

  test('in close: throws, and gives up the folder all the same', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatecast-crash-'));
    const store = fileStore(folder);
    store.put('a', Uint8Array.of(1));
    failAt(0, false);
    expect(() => store.close()).toThrow(gatecastError('io', /the disk is full/));
    expect(() => store.size).toThrow(gatecastError('disposed'));
    const again = fileStore(folder);
    expect(again.size).toBe(0);
    again.close();
    rmSync(folder, { recursive: true });
  });
});
