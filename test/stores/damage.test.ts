import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lmdbStore } from '../../lib/adapters/lmdb.ts';
import { fileStore } from '../../lib/stores/file-store.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { content, operate } from './operations.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-damage-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A store of two segments, the newer with the mark of a deleted key; returns its files but the lock. */
function makeStore(): string[] {
  const store = fileStore(folder);
  store.put('a', new Uint8Array(100).fill(7));
  store.put('b', Uint8Array.of(1, 2, 3));
  store.meta = { offset: 17 };
  store.flush();
  store.put('c', Uint8Array.of(4));
  store.delete('b');
  store.close();
  const names = readdirSync(folder).sort();
  expect(names).toEqual(['0000000001.segment', '0000000002.segment', 'manifest']);
  return names;
}

describe('fileStore', () => {
  test('refuses a file with any one byte changed, and names it', () => {
    for (const name of makeStore()) {
      const path = join(folder, name);
      const good = readFileSync(path);
      for (let i = 0; i < good.length; i++) {
        for (const bits of [0xff, 0x20, 1 << (i % 8)]) {
          const bad = Buffer.from(good);
          bad[i]! ^= bits;
          writeFileSync(path, bad);
          expect(() => fileStore(folder), `byte ${i} of ${name}`).toThrow(
            gatecastError('invalid-file', new RegExp(name)),
          );
        }
      }
      writeFileSync(path, good);
    }
    const store = fileStore(folder);
    expect(store.keys()).toEqual(['a', 'c']);
    store.close();
  });

  test('refuses a file that is shorter by any number of bytes, longer, empty or missing, and names it', () => {
    for (const name of makeStore()) {
      const path = join(folder, name);
      const good = readFileSync(path);
      const refused = gatecastError('invalid-file', new RegExp(name));
      for (let length = good.length - 1; length >= 0; length--) {
        truncateSync(path, length);
        expect(() => fileStore(folder), `${length} bytes of ${name}`).toThrow(refused);
      }
      rmSync(path);
      expect(() => fileStore(folder), name).toThrow(refused);
      writeFileSync(path, good);
      appendFileSync(path, '\n');
      expect(() => fileStore(folder), name).toThrow(refused);
      writeFileSync(path, good);
    }
    fileStore(folder).close();
  });

  test('refuses a segment in place of another', () => {
    makeStore();
    const other = mkdtempSync(join(tmpdir(), 'gatecast-damage-'));
    const store = fileStore(other);
    for (let i = 0; i < 2; i++) {
      store.put('x', new Uint8Array(100 - i));
      store.put(`y${i}`, new Uint8Array(50 * i));
      store.flush();
    }
    store.close();
    for (const name of readdirSync(other)) if (name !== 'manifest') cpSync(join(other, name), join(folder, name));
    expect(() => fileStore(folder)).toThrow(gatecastError('invalid-file'));
    rmSync(other, { recursive: true });
  });

  test('refuses a snapshot that is damaged while the store is open, and does not carry the damage on', () => {
    const store = fileStore(folder);
    store.put('a', new Uint8Array(100).fill(7));
    store.flush();
    const path = join(folder, '0000000001.segment');
    const bytes = readFileSync(path);
    bytes[bytes.length - 5]! ^= 4;
    writeFileSync(path, bytes);
    expect(() => store.get('a')).toThrow(gatecastError('invalid-file', /0000000001/));
    store.put('b', new Uint8Array(1000));
    expect(() => store.flush()).toThrow(gatecastError('invalid-file', /0000000001/));
    store.put('a', Uint8Array.of(1));
    store.flush();
    expect(store.get('a')).toEqual(Uint8Array.of(1));
    store.close();
  });

  test('refuses the manifest of a newer format', () => {
    makeStore();
    const path = join(folder, 'manifest');
    const newer = readFileSync(path, 'latin1').replace('"version":1', '"version":2');
    const sum = crc32(Buffer.from(newer.slice(0, -10), 'latin1'));
    writeFileSync(path, `${newer.slice(0, -10)}\n${sum.toString(16).padStart(8, '0')}\n`);
    expect(() => fileStore(folder)).toThrow(gatecastError('invalid-file', /version 1.*version 2/));
  });

  test('is whole again once the damage is undone: refusing changes nothing', () => {
    makeStore();
    const path = join(folder, '0000000001.segment');
    const good = readFileSync(path);
    writeFileSync(path, 'x');
    expect(() => fileStore(folder)).toThrow(gatecastError('invalid-file'));
    writeFileSync(path, good);
    const store = fileStore(folder);
    expect(store.meta).toEqual({ offset: 17 });
    expect(content(store)).toEqual(
      new Map([
        ['a', new Uint8Array(100).fill(7)],
        ['c', Uint8Array.of(4)],
      ]),
    );
    store.close();
  });
});

/** CRC-32 as in ISO 3309, bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc >>> 0;
}

describe('lmdbStore', () => {
  test('refuses a file that is not a database', () => {
    for (const bytes of [Buffer.from('text'), Buffer.alloc(8192), Buffer.alloc(8192, 7)]) {
      writeFileSync(join(folder, 'data.mdb'), bytes);
      expect(() => lmdbStore(folder)).toThrow(gatecastError('invalid-file', /data\.mdb/));
    }
  });

  test('starts afresh on the file of a process that was killed before it wrote to it', () => {
    writeFileSync(join(folder, 'data.mdb'), '');
    const store = lmdbStore(folder);
    operate(store, 1);
    store.close();
  });
});
