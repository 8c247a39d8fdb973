import { appendFile, mkdtemp, readdir, readFile, readlink, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCsv } from '../../lib/adapters/csv.ts';
import { inspectNdjson, readNdjson } from '../../lib/adapters/ndjson.ts';
import { type TwoPass, twoPass } from '../../lib/adapters/two-pass.ts';
import { gatecastError } from '../support/gatecast-error.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-two-pass-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(source: TwoPass, most = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source.pass()) {
    parts.push(Buffer.from(chunk));
    length += chunk.length;
    if (length >= most) break;
  }
  return Buffer.concat(parts);
}

/** 40 pieces of 1 MiB, in one array that is filled anew, as some sources do. */
async function* large(): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(2 ** 20);
  for (let i = 0; i < 40; i++) {
    piece.fill(i);
    yield piece;
  }
}

const isLarge = (bytes: Buffer) => bytes.length === 40 * 2 ** 20 && bytes.every((byte, i) => byte === i >>> 20);

/** The open files of this process that have no name any more. */
async function nameless(): Promise<string[]> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter((link) => link.includes('gatecast-') && link.endsWith('(deleted)'));
}

describe('a stream', () => {
  test('is the same in every pass, also if the first one stops early', async () => {
    const source = await twoPass(large());
    expect((await read(source, 5 * 2 ** 20)).length).toBe(5 * 2 ** 20);
    expect(isLarge(await read(source))).toBe(true);
    expect(isLarge(await read(source))).toBe(true);
    await source.close();
  });

  test.runIf(process.platform === 'linux')('leaves no file with a name, and none open when closed', async () => {
    const source = await twoPass(large());
    await read(source);
    expect((await nameless()).length).toBe(1);
    expect((await readdir(tmpdir())).filter((name) => /^gatecast-[0-9a-f]{8}-/.test(name))).toEqual([]);
    await source.close();
    expect(await nameless()).toEqual([]);
  });

  test('is let go when closed, and its error is passed on', async () => {
    let ended = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.from('x');
      } finally {
        ended = true;
      }
    }
    const source = await twoPass(endless());
    await read(source, 10);
    expect(ended).toBe(false);
    await source.close();
    expect(ended).toBe(true);

    async function* failing() {
      yield Buffer.from('x');
      throw new Error('unplugged');
    }
    await expect(read(await twoPass(failing()))).rejects.toThrow('unplugged');
  });

  test('of anything but bytes is refused', async () => {
    async function* texts() {
      yield 'a,b\n';
    }
    const source = await twoPass(texts() as never);
    await expect(read(source)).rejects.toThrow(gatecastError('invalid-argument', /bytes for a chunk of the input/));
  });
});

describe('a file', () => {
  test('is read as often as asked; what is appended meanwhile is left out', async () => {
    const path = join(folder, 'log.csv');
    await writeFile(path, 'a,b\n1,2\n');
    const source = await twoPass(path);
    expect(String(await read(source))).toBe('a,b\n1,2\n');
    await appendFile(path, '3,4\n');
    expect(String(await read(source))).toBe('a,b\n1,2\n');
    expect(String(await readFile(path))).toBe('a,b\n1,2\n3,4\n');
  });

  test.each([
    ['shorter', (path: string) => writeFile(path, 'a\n')],
    ['written again', (path: string) => utimes(path, 1e9, 1e9)],
    [
      'replaced',
      (path: string) => writeFile(`${path}.new`, 'x,y,z\n'.repeat(9)).then(() => rename(`${path}.new`, path)),
    ],
  ])('that is %s between two passes is refused', async (_, change) => {
    const path = join(folder, 'data.csv');
    await writeFile(path, 'a,b\n1,2\n');
    const source = await twoPass(path);
    await read(source);
    await change(path);
    await expect(read(source)).rejects.toThrow(gatecastError('invalid-data', /stay as it is while it is read but/));
  });

  test('that is gone or is a folder is refused', async () => {
    await expect(twoPass(join(folder, 'none'))).rejects.toThrow(gatecastError('io', /Expected to read .*none/));
    await expect(twoPass(folder)).rejects.toThrow(gatecastError('io', /it is a folder/));
    const path = join(folder, 'short-lived');
    await writeFile(path, 'x');
    const source = await twoPass(path);
    await rm(path);
    await expect(read(source)).rejects.toThrow(gatecastError('io'));
  });
});

describe('a stream that fails', () => {
  const failing = async function* (text: string, error: Error) {
    yield Buffer.from(text);
    throw error;
  };
  const [csv, json] = ['a,b\n1,2\n', '{"a":1}\n'];
  const readers: [string, (input: AsyncIterable<Uint8Array>) => Promise<unknown>, string][] = [
    ['readCsv', (input) => readCsv(input), csv],
    ['readCsv with an encoding', (input) => readCsv(input, { encoding: 'utf-8' }), csv],
    ['readNdjson', (input) => readNdjson(input), json],
    ['inspectNdjson', (input) => inspectNdjson(input), json],
  ];

  test.each(readers)('is an error of kind io in %s', async (_, reader, text) => {
    const input = failing(text, new Error('gone'));
    await expect(reader(input)).rejects.toThrow(gatecastError('io', /the input but could not: gone/));
  });

  test.each(readers)('is refused with text in place of bytes by %s', async (_, reader, text) => {
    const wrong = gatecastError('invalid-argument', /Expected bytes for a chunk of the input/);
    await expect(reader(Readable.from([text, text]))).rejects.toThrow(wrong);
  });
});
