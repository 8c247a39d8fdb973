import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { array, assert, asyncProperty, boolean, constantFrom, integer, record, string } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCsv } from '../../lib/adapters/csv.ts';
import { CsvFile } from '../../lib/adapters/csv-file.ts';
import { linesOf } from '../../lib/adapters/lines.ts';
import { readNdjson } from '../../lib/adapters/ndjson.ts';
import { gatecastError } from '../support/gatecast-error.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-text-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function* pieces(bytes: Uint8Array, cuts: readonly number[] = []): AsyncGenerator<Uint8Array> {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < at.length; i++) yield bytes.subarray(at[i - 1], at[i]);
}

async function* bytewise(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i++) yield bytes.subarray(i, i + 1);
}

async function fileOf(bytes: string | Uint8Array, name = 'data.csv'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

async function readAll(input: AsyncIterable<Uint8Array> | string) {
  const file = await CsvFile.open(input, { maxLineBytes: 10_000 });
  const rows: string[][] = [];
  for await (const some of file.records()) rows.push(...some.map(({ fields }) => fields));
  await file.close();
  return { names: file.layout.names, rows };
}

/** What the test makes by itself: a text in one of the encodings, of bytes below 256 only for windows-1252. */
const ENCODERS: Record<string, (text: string) => Buffer> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-8 with its mark': (text) => Buffer.from(`\ufeff${text}`),
  'UTF-16 LE': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16 BE': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  'windows-1252': (text) => Buffer.from(text, 'latin1'),
};

describe('encodings', () => {
  test('any encoding, line ends, packing and cutting into pieces give the same records', async () => {
    const word = string({ unit: constantFrom('a', 'Z', '7', 'é', 'ß', '°', '-', ' '), minLength: 1, maxLength: 6 });
    const field = word.map((text) => `x${text}y`);
    await assert(
      asyncProperty(
        array(record({ a: field, b: field }), { minLength: 1, maxLength: 12 }),
        constantFrom(...Object.keys(ENCODERS)),
        constantFrom('\n', '\r\n', '\r'),
        record({ packed: boolean(), last: boolean() }),
        array(integer({ min: 0, max: 9999 }), { maxLength: 12 }),
        async (table, encoding, end, { packed, last }, cuts) => {
          const lines = ['größe;n;text', ...table.map(({ a, b }, i) => `${a};${i};${b}`)];
          const bytes = ENCODERS[encoding]!(lines.join(end) + (last ? end : ''));
          const { names, rows } = await readAll(pieces(packed ? gzipSync(bytes) : bytes, cuts));
          expect(names).toEqual(['größe', 'n', 'text']);
          expect(rows).toEqual(table.map(({ a, b }, i) => [a, String(i), b]));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('bytes that are not UTF-8, wherever they are, make the file windows-1252, with a note', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `${i},${i}`).join('\n');
    const text = Buffer.concat([Buffer.from(`n,v\n${rows}\n#`), Buffer.from([0x80, 0xb0, 0xe9, 0x0a])]);
    const file = await CsvFile.open(await fileOf(text), { maxLineBytes: 1000 });
    expect(file.layout).toMatchObject({ encoding: 'windows-1252' });
    expect(file.layout.notes).toEqual([expect.stringMatching(/data\.csv is not UTF-8 and is read as windows-1252; /)]);
    await file.close();
  });

  test.each([
    ['latin1', Buffer.from('t\xe9mp,\x80\n1,2\n', 'latin1'), ['témp', '€']],
    ['utf-16be', Buffer.from('témp,a\n1,2\n', 'utf16le').swap16(), ['témp', 'a']],
    ['Shift_JIS', Buffer.from([0x89, 0xb7, 0x93, 0x78, 0x2c, 0x61, 0x0a, 0x31, 0x2c, 0x32, 0x0a]), ['温度', 'a']],
    ['koi8-r', Buffer.from([0xd4, 0xc5, 0xcd, 0x70, 0x2c, 0x61, 0x0a, 0x31, 0x2c, 0x32]), ['темp', 'a']],
  ])('the option %s', async (encoding, bytes, names) => {
    expect((await readCsv(pieces(bytes), { encoding })).names).toEqual(names);
  });

  test('an unknown encoding is refused', async () => {
    const message = /name of a text encoding, such as 'utf-8' .* for options\.encoding but received "latin-x"/;
    await expect(readCsv('x.csv', { encoding: 'latin-x' })).rejects.toThrow(gatecastError('invalid-argument', message));
  });

  test('a text in UTF-8 that ends within a character stays UTF-8', async () => {
    const whole = Buffer.from('größe,n\n1,2\n# ü');
    const { names } = await readAll(pieces(whole.subarray(0, -1)));
    expect(names).toEqual(['größe', 'n']);
  });

  test('NDJSON and live lines are read in the same way', async () => {
    const text = '{"größe":1}\n{"größe":2}\n';
    for (const [name, encode] of Object.entries(ENCODERS)) {
      if (name === 'UTF-16 BE') continue; // JSON in UTF-16 BE is read below
      for (const bytes of [encode(text), gzipSync(encode(text))]) {
        expect(await readNdjson(bytewise(bytes))).toEqual([{ größe: 1 }, { größe: 2 }]);
      }
      const input = new PassThrough();
      const notes: string[] = [];
      const lines = linesOf(input, 'a pipe', 100, { note: (sentence) => notes.push(sentence) });
      for (const byte of encode(text)) input.write(Buffer.of(byte));
      input.end();
      const got: (string | undefined)[] = [];
      for await (const line of lines) got.push(line.text);
      expect(got).toEqual(['{"größe":1}', '{"größe":2}']);
      expect(notes.length).toBe(name === 'windows-1252' ? 1 : 0);
    }
  });

  test('a live line is not held back by what may follow it', async () => {
    const input = new PassThrough();
    const iterator = linesOf(input, 'a pipe', 100)[Symbol.asyncIterator]();
    input.write('1\n');
    expect(await iterator.next()).toEqual({ done: false, value: { number: 1, text: '1' } });
    input.write('ü\n');
    expect(await iterator.next()).toEqual({ done: false, value: { number: 2, text: 'ü' } });
    input.end();
  });
});

describe('gzip', () => {
  const text = `n,v\n${Array.from({ length: 5000 }, (_, i) => `${i},${i * 7}`).join('\n')}\n`;

  test('several members, in any pieces, from a file or a stream', async () => {
    const half = text.indexOf('\n2500,');
    const packed = Buffer.concat([gzipSync(text.slice(0, half)), gzipSync(''), gzipSync(text.slice(half))]);
    const wanted = await readCsv(pieces(Buffer.from(text)));
    expect(await readCsv(await fileOf(packed, 'data.csv.gz'))).toEqual(wanted);
    expect(await readCsv(bytewise(packed))).toEqual(wanted);
    expect(wanted.columns[1]![4999]).toBe(4999 * 7);
  });

  test.each([
    [
      'cut',
      (packed: Buffer) => packed.subarray(0, -20),
      /^Expected whole gzip data in the input but it ends before its end\.$/,
    ],
    ['cut in its header', (packed: Buffer) => packed.subarray(0, 5), /ends before its end/],
    [
      'damaged',
      (packed: Buffer) => Buffer.from(packed).fill(0x55, 300, 400),
      /gzip data in the input but it is damaged/,
    ],
    ['packed twice', (packed: Buffer) => gzipSync(packed), /it holds gzip data; unpack it first\.$/],
    ['of a workbook', () => gzipSync(`PK\x03\x04${'\0'.repeat(26)}[Content_Types].xml`), /an Excel workbook/],
  ])('%s, it is refused with one sentence', async (_, spoil, message) => {
    await expect(readCsv(pieces(spoil(gzipSync(text))))).rejects.toThrow(gatecastError('invalid-data', message));
  });

  test('a small file of one endless line is not unpacked whole', async () => {
    const bomb = gzipSync(Buffer.alloc(2 ** 28, '7'));
    const before = process.memoryUsage().rss;
    await expect(readCsv(pieces(bomb))).rejects.toThrow(/at most 16777216 bytes in line 1 of the input/);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
    expect(gunzipSync(bomb).length).toBe(2 ** 28);
  });
});

test('a pipe by its path is read', async () => {
  const path = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [path]);
  const writing = writeFile(path, 'n,v\n1,2\n3,4\n');
  expect((await readCsv(path)).columns[1]).toEqual(Float64Array.of(2, 4));
  await writing;
});
