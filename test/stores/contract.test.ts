import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store, StoreMeta } from '../../lib/stores/store.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';
import { KINDS } from './kinds.ts';
import { content } from './operations.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = (...values: number[]) => Uint8Array.from(values);
const text = (length: number, seed = 1) => new Uint8Array(length).map((_, i) => (i * 31 + seed * 17) % 251);

test('the stores are found', () => {
  expect(KINDS.map(({ name }) => name).sort()).toEqual(['fileStore', 'lmdbStore', 'memoryStore']);
});

describe.each(KINDS)('$name', ({ open, durable }) => {
  let store: Store;
  beforeEach(() => {
    store = open(join(folder, 'a', 'store'));
  });
  afterEach(() => store.close());
  /** Closes and reopens the store if that forgets nothing. */
  const reopen = () => {
    if (!durable) return;
    store.close();
    store = open(join(folder, 'a', 'store'));
  };

  test('begins empty', () => {
    expect(store.size).toBe(0);
    expect(store.meta).toBeUndefined();
    expect(store.keys()).toEqual([]);
    expect(store.get('a')).toBeUndefined();
  });

  test('returns what was last put, flushed or not', () => {
    for (const settle of [() => {}, () => store.flush()]) {
      store.put('a', bytes(1, 2));
      settle();
      expect(store.get('a')).toEqual(bytes(1, 2));
      store.put('a', bytes(3));
      expect(store.get('a')).toEqual(bytes(3));
      settle();
      expect(store.get('a')).toEqual(bytes(3));
      store.delete('a');
      expect(store.get('a')).toBeUndefined();
      expect(store.size).toBe(0);
      settle();
      expect(store.get('a')).toBeUndefined();
      expect(store.keys()).toEqual([]);
    }
  });

  test('neither sees what the caller does to an array later nor shows it its own', () => {
    const mine = bytes(1, 2, 3);
    store.put('a', mine);
    mine.fill(9);
    store.get('a')!.fill(9);
    expect(store.get('a')).toEqual(bytes(1, 2, 3));
    store.flush();
    store.get('a')!.fill(9);
    expect(store.get('a')).toEqual(bytes(1, 2, 3));
  });

  test('takes views, buffers and empty snapshots, and gives plain arrays', () => {
    store.put('view', new Uint8Array([0, 1, 2, 3]).subarray(1, 3));
    store.put('buffer', Buffer.from([4, 5]));
    store.put('empty', new Uint8Array());
    for (let round = 0; round < 2; round++) {
      expect(content(store)).toEqual(
        new Map([
          ['view', bytes(1, 2)],
          ['buffer', bytes(4, 5)],
          ['empty', bytes()],
        ]),
      );
      // so that a reader may look at it through another type of array
      const { buffer, byteOffset, length } = store.get('buffer')!;
      expect([byteOffset, buffer.byteLength]).toEqual([0, length]);
      expect(Buffer.isBuffer(store.get('buffer'))).toBe(false);
      store.flush();
    }
  });

  test('tells any keys apart', () => {
    const keys = [
      'a',
      'A',
      'a\0',
      'a\0b',
      '\0',
      ' ',
      'é',
      'e\u0301',
      '__proto__',
      'meta',
      '../x',
      '🌊',
      '字'.repeat(512),
    ];
    keys.forEach((key, i) => store.put(key, bytes(i)));
    for (const settle of [() => {}, () => store.flush(), reopen]) {
      settle();
      expect(content(store)).toEqual(new Map(keys.map((key, i) => [key, bytes(i)])));
    }
  });

  test('lists the keys of the moment, which may be deleted while they are gone through', () => {
    for (let i = 0; i < 50; i++) store.put(`k${i}`, bytes(i));
    store.flush();
    for (let i = 50; i < 100; i++) store.put(`k${i}`, bytes(i));
    let count = 0;
    for (const key of store.keys()) {
      store.delete(key);
      if (count++ === 20) store.flush();
    }
    expect(count).toBe(100);
    expect(store.size).toBe(0);
  });

  test('returns meta as it was set, and copies it', () => {
    const meta = { offset: 12, at: [1, null, 'x', true], deep: { __proto__: null, a: -1.5e-300 } };
    store.meta = meta;
    meta.offset = 13;
    expect(store.meta).toEqual({ offset: 12, at: [1, null, 'x', true], deep: { a: -1.5e-300 } });
    for (const value of [null, 0, '', false, [], {}] satisfies StoreMeta[]) {
      store.meta = value;
      store.flush();
      expect(store.meta).toEqual(value);
      reopen();
      expect(store.meta).toEqual(value);
    }
  });

  test('refuses what JSON would not give back', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const wrong = [
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -0,
      1n,
      () => 1,
      Symbol('x'),
      new Date(0),
      new Map(),
    ];
    for (const value of [...wrong, cyclic, { toJSON: () => 1 }, 'x'.repeat(1_000_000)]) {
      store.meta = 7;
      expect(() => (store.meta = value as never)).toThrow(gatecastError('invalid-argument', /meta/));
      expect(() => (store.meta = [{ a: value }] as never)).toThrow(gatecastError('invalid-argument', /meta/));
      expect(store.meta).toBe(7);
    }
  });

  test('refuses wrong keys and snapshots, and stays as it was', () => {
    store.put('a', bytes(1));
    for (const [name, make] of HOSTILE_VALUES) {
      const value = make() as never;
      if (!(typeof value === 'string' && (value as string).length <= 512 && /^[\w']+$/.test(value))) {
        for (const call of [() => store.get(value), () => store.put(value, bytes(1)), () => store.delete(value)]) {
          expect(call, name).toThrow(gatecastError('invalid-argument', /key/));
        }
      }
      if (/^(a |an )?(Uint8Array|Buffer)/.test(name)) continue;
      expect(() => store.put('b', value), name).toThrow(gatecastError('invalid-argument', /snapshot/));
    }
    expect(content(store)).toEqual(new Map([['a', bytes(1)]]));
  });

  test('throws disposed once it is closed, but closes again', () => {
    store.close();
    store.close();
    const calls: (() => unknown)[] = [
      () => store.size,
      () => store.meta,
      () => (store.meta = 1),
      () => store.get('a'),
      () => store.put('a', bytes(1)),
      () => store.delete('a'),
      () => store.keys(),
      () => store.flush(),
    ];
    for (const call of calls) expect(call).toThrow(gatecastError('disposed'));
  });

  test('keeps snapshots of 0 to 3 MB', () => {
    const sizes = [0, 1, 300, 4095, 4096, 20_000, 2 ** 20 - 100, 2 ** 20, 2 ** 20 + 1, 3_000_000];
    sizes.forEach((size) => store.put(`k${size}`, text(size)));
    store.flush();
    reopen();
    for (const size of sizes) expect(Buffer.compare(store.get(`k${size}`)!, text(size)), `${size}`).toBe(0);
  });

  // Small keys and many flushes, so that records are overwritten, deleted and merged in all orders.
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ put: key, size: fc.nat(60), seed: fc.nat(250) }) },
    { weight: 2, arbitrary: fc.record({ delete: key }) },
    { weight: 1, arbitrary: fc.record({ meta: fc.nat() }) },
    { weight: 3, arbitrary: fc.constant('flush' as const) },
    { weight: 1, arbitrary: fc.constant('reopen' as const) },
  );
  test('is a map, whatever the order of calls', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const dir = mkdtempSync(join(folder, 'run-'));
        let store = open(dir);
        const model = new Map<string, Uint8Array>();
        let meta: number | undefined;
        for (const step of steps) {
          if (step === 'flush') store.flush();
          else if (step === 'reopen') {
            if (durable) {
              store.close();
              store = open(dir);
            }
          } else if ('meta' in step) {
            store.meta = step.meta;
            meta = step.meta;
          } else if ('delete' in step) {
            store.delete(step.delete);
            model.delete(step.delete);
          } else {
            store.put(step.put, text(step.size, step.seed));
            model.set(step.put, text(step.size, step.seed));
          }
          expect(store.size).toBe(model.size);
          expect(content(store)).toEqual(model);
          expect(store.meta).toBe(meta);
        }
        store.close();
        rmSync(dir, { recursive: true });
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(KINDS.filter(({ durable }) => durable))('$name on the disk', ({ open }) => {
  test('close flushes', () => {
    const store = open(folder);
    store.put('a', bytes(1));
    store.meta = 'm';
    store.close();
    const again = open(folder);
    expect(again.get('a')).toEqual(bytes(1));
    expect(again.meta).toBe('m');
    again.close();
  });

  test('is for one store at a time', () => {
    const store = open(folder);
    store.put('a', bytes(1));
    store.flush();
    expect(() => open(folder)).toThrow(gatecastError('busy', /this thread has it/));
    expect(store.get('a')).toEqual(bytes(1));
    store.close();
    open(folder).close();
  });

  test('writes nothing more once another has its folder', () => {
    const store = open(folder);
    store.put('a', bytes(1));
    store.flush();
    rmSync(join(folder, 'lock')); // by hand, or by another that took the owner for dead
    const other = open(folder);
    other.put('a', bytes(2));
    other.put('b', bytes(3));
    other.flush();
    store.put('a', bytes(4));
    expect(() => store.flush()).toThrow(gatecastError('busy', /this thread has it now/));
    expect(store.get('a')).toEqual(bytes(4));
    expect(() => store.close()).toThrow(gatecastError('busy'));
    other.put('c', bytes(5));
    other.close();
    const again = open(folder);
    expect(content(again)).toEqual(
      new Map([
        ['a', bytes(2)],
        ['b', bytes(3)],
        ['c', bytes(5)],
      ]),
    );
    again.close();
  });

  test('refuses a path that is not a folder', () => {
    for (const dir of [undefined, 7, '', 'a\0', {}]) {
      expect(() => open(dir as never)).toThrow(gatecastError('invalid-argument', /folder/));
    }
    expect(() => open('/dev/null/x')).toThrow(gatecastError('io'));
  });
});
