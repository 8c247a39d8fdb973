import fs from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readRecordingPieces } from '../../lib/recording/recording-reader.ts';
import { RecordingWriter } from '../../lib/recording/recording-writer.ts';
import { gatecastError } from '../support/gatecast-error.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-'));
  path = join(folder, 'a.rec');
});
afterEach(() => rm(folder, { recursive: true }));

interface Found {
  chunks: [number, number[]][][];
  torn?: number;
}

/** What stands in the file, records as kind and bytes; until an error, which is thrown with what came before. */
async function read(file = path, found: Found = { chunks: [] }): Promise<Found> {
  for await (const piece of readRecordingPieces(file)) {
    if ('tornBytes' in piece) found.torn = piece.tornBytes;
    else {
      found.chunks.push(
        [...piece.records].map(({ kind, body }) => [
          kind,
          [...new Uint8Array(body.buffer, body.byteOffset, body.byteLength)],
        ]),
      );
    }
  }
  return found;
}

function append(writer: RecordingWriter, kind: number, bytes: readonly number[]): void {
  writer.reserve(5 + bytes.length);
  const place = writer.append(kind, bytes.length);
  new Uint8Array(writer.view.buffer).set(bytes, place);
}

const records = fc.tuple(fc.nat(255), fc.array(fc.nat(255), { maxLength: 40 }));

test('what is written is read, chunk by chunk', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(records, { minLength: 1 }), { maxLength: 5 }), async (chunks) => {
      const file = join(folder, `${run++}.rec`);
      const writer = new RecordingWriter(file, 1000);
      for (const chunk of chunks) {
        for (const [kind, bytes] of chunk) append(writer, kind, bytes);
        writer.seal();
      }
      writer.close();
      expect(await read(file)).toEqual({ chunks });
    }),
    { numRuns: 50 },
  );
});

test('a record that is larger than a chunk has one of its own', async () => {
  const writer = new RecordingWriter(path, 1000);
  const large = Array.from({ length: 100_000 }, (_, i) => i % 251);
  append(writer, 1, [1]);
  append(writer, 2, large);
  append(writer, 3, [3]);
  writer.close();
  expect(await read()).toEqual({ chunks: [[[1, [1]]], [[2, large]], [[3, [3]]]] });
});

test('the bytes are those of the format', async () => {
  const writer = new RecordingWriter(path, 1000);
  append(writer, 7, [0x31, 0x32, 0x33, 0x34]);
  writer.close();
  const bytes = Buffer.from(await readFile(path));
  expect(bytes.subarray(0, 12).toString('latin1')).toBe('gatecrec\x01\0\0\0');
  expect(bytes.subarray(12, 20).toString('hex')).toBe('0900000000000000');
  expect(bytes.subarray(28).toString('hex')).toBe('070400000031323334');
  expect(bytes.readUInt32LE(20)).toBe(crc32(bytes.subarray(28)));
  expect(bytes.readUInt32LE(24)).toBe(crc32(bytes.subarray(12, 24)));
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926); // the published check value of CRC-32
});

/** CRC-32 bit by bit, of the polynomial of ISO 3309. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('a file of three chunks', () => {
  const chunks: Found['chunks'] = [
    [
      [1, [10, 11]],
      [2, []],
    ],
    [[3, [12]]],
    [[1, [13, 14, 15]]],
  ];
  let whole: Uint8Array;
  let lastChunk: number;
  beforeEach(async () => {
    const written = join(folder, 'written.rec'); // where a chunk may be written a second time still
    const writer = new RecordingWriter(written, 1000);
    for (const chunk of chunks) {
      lastChunk = writer.bytes;
      for (const [kind, bytes] of chunk) append(writer, kind, bytes);
      writer.seal();
    }
    writer.close();
    whole = await readFile(written);
  });

  test('torn at any byte of the last, the ones before are read', async () => {
    for (let length = lastChunk; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      const torn = length > lastChunk ? { torn: length - lastChunk } : {};
      expect(await read()).toEqual({ chunks: chunks.slice(0, 2), ...torn });
    }
  });

  test('torn within its start, it has none', async () => {
    for (let length = 0; length < 12; length++) {
      await writeFile(path, whole.subarray(0, length));
      expect(await read()).toEqual({ chunks: [], torn: length });
    }
  });

  test('any flipped byte is found, after the chunks before it', async () => {
    for (let at = 0; at < whole.length; at++) {
      const bytes = Uint8Array.from(whole);
      bytes[at]! ^= 1 << (at % 8);
      await writeFile(path, bytes);
      const found: Found = { chunks: [] };
      await expect(read(path, found)).rejects.toThrow(gatecastError('invalid-file', /a\.rec/));
      expect(found.chunks).toEqual(chunks.slice(0, found.chunks.length));
      if (at >= lastChunk) expect(found.chunks).toHaveLength(2);
    }
  });

  test('a chunk that is missing or twice there is found', async () => {
    const first = whole.subarray(0, 12);
    const rest = whole.subarray(12);
    for (const spoilt of [
      [first, whole.subarray(lastChunk)],
      [first, rest, rest],
    ]) {
      await writeFile(path, Buffer.concat(spoilt));
      await expect(read()).rejects.toThrow(gatecastError('invalid-file', /damaged/));
    }
  });

  test('a newer version is reported', async () => {
    const bytes = Uint8Array.from(whole);
    bytes[8] = 2;
    await writeFile(path, bytes);
    await expect(read()).rejects.toThrow(gatecastError('invalid-file', /newer Gatecast/));
  });
});

describe('RecordingWriter', () => {
  test('writes a record that has waited long enough', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const writer = new RecordingWriter(path, 250);
      append(writer, 1, [1]);
      vi.advanceTimersByTime(200);
      append(writer, 1, [2]);
      expect(writer.chunk).toBe(0);
      vi.advanceTimersByTime(50);
      expect(writer.chunk).toBe(1);
      await vi.waitFor(() => expect(writer.waitingBytes).toBe(0));
      expect((await read()).chunks).toEqual([
        [
          [1, [1]],
          [1, [2]],
        ],
      ]);
      writer.close();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('drains what is being written, and goes on', async () => {
    const writer = new RecordingWriter(path, 1000);
    const chunks: Found['chunks'] = [];
    for (let i = 0; i < 20; i++) {
      const record: [number, number[]] = [1, Array.from({ length: 3000 }, (_, k) => (i + k) % 256)];
      chunks.push([record]);
      append(writer, ...record);
      writer.seal();
      if (i % 7 === 3) writer.drain();
      if (i % 7 === 3) expect(writer.waitingBytes).toBe(0);
      if (i % 5 === 0) await new Promise(setImmediate);
    }
    writer.close();
    expect(await read()).toEqual({ chunks });
  });

  test('never takes the place of a file, and needs a folder', async () => {
    await writeFile(path, 'precious');
    expect(() => new RecordingWriter(path, 1000)).toThrow(gatecastError('io', /a\.rec.*EEXIST/));
    expect(await readFile(path, 'utf8')).toBe('precious');
    expect(() => new RecordingWriter(join(folder, 'none', 'a.rec'), 1000)).toThrow(gatecastError('io', /ENOENT/));
    expect(() => new RecordingWriter(1 as never, 1000)).toThrow(gatecastError('invalid-argument', /path/));
  });

  test('a failed write is reported at the next record, and tried again at the end', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
    const write = vi.spyOn(fs, 'write').mockImplementation((...args: unknown[]) => {
      setImmediate(args.at(-1) as (error: Error) => void, full);
    });
    syncBuiltinESMExports();
    const writer = new RecordingWriter(path, 1000);
    try {
      append(writer, 1, [1]);
      writer.seal();
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(() => append(writer, 1, [2])).toThrow(gatecastError('io', /ENOSPC/));
    } finally {
      write.mockRestore();
      syncBuiltinESMExports();
    }
    writer.close();
    expect((await read()).chunks).toEqual([[[1, [1]]]]);
  });
});

test.each([
  ['a text', 'hello, world', 'invalid-file'],
  ['a text that begins alike', 'gatecast', 'invalid-file'],
])('refuses %s', async (_, text, code) => {
  await writeFile(path, text);
  await expect(read()).rejects.toThrow(gatecastError(code as 'invalid-file', /Expected a recording but .* holds/));
});

test('refuses what cannot be read', async () => {
  await expect(read(join(folder, 'none'))).rejects.toThrow(gatecastError('io', /ENOENT/));
  await mkdir(path);
  await expect(read()).rejects.toThrow(gatecastError('io'));
  await expect(read(5 as never)).rejects.toThrow(gatecastError('invalid-argument'));
});
