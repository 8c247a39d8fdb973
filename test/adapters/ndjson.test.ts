import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNdjson } from '../../lib/adapters/ndjson.ts';
import { gatecastError } from '../support/gatecast-error.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-ndjson-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(...lines: string[]): Promise<string> {
  const path = join(folder, 'log.ndjson');
  await writeFile(path, lines.join('\n'));
  return path;
}

describe('readNdjson', () => {
  test('reads numbers by name, missing values, and times as numbers and as text; other values are left out', async () => {
    const path = await file(
      '{"at": 1000, "speed": 1.5, "force": -2e1, "note": "begun", "ok": true}\r',
      '',
      '{"at": "1970-01-01T00:00:02Z", "speed": null}',
      '{"at": 3000, "values": {"speed": 3, "force": 4}}',
      '',
    );
    expect(await readNdjson(path)).toEqual([
      { at: 1000, speed: 1.5, force: -20 },
      { at: 2000, speed: null },
      { at: 3000, speed: 3, force: 4 },
    ]);
  });

  test('makes a run for each value of a field, in order of appearance, with its lines in order', async () => {
    const path = await file('{"run": 7, "x": 1}', '{"run": "b", "x": 2}', '{"run": 7, "x": 3}');
    const runs = await readNdjson(path, { by: 'run' });
    expect([...runs]).toEqual([
      ['7', [{ x: 1 }, { x: 3 }]],
      ['b', [{ x: 2 }]],
    ]);
  });

  test('reads numbers in quotes, NaN, and other names and units of the time, also from a stream of bytes', async () => {
    const notes: string[] = [];
    const note = (sentence: string) => notes.push(sentence);
    const text = '\ufeff{"ts":1704067200,"x":"1.5"}\r{"ts":"1704067201","x":nan,"run":"a"}\r';
    async function* bytes() {
      yield Buffer.from(text);
    }
    const at = Date.UTC(2024, 0, 1);
    expect(await readNdjson(bytes(), { note })).toEqual([
      { at, ts: 1704067200, x: 1.5 },
      { at: at + 1000, ts: 1704067201, x: null },
    ]);
    expect(notes).toHaveLength(2);
    await expect(readNdjson(bytes(), { by: 'run' })).rejects.toThrow(
      gatecastError('invalid-data', /^Expected a number or text for run in line 1 of the input/),
    );
    await expect(readNdjson(bytes(), { maxLineBytes: 20 })).rejects.toThrow(/at most 20 bytes in line 1 of the input/);
  });

  test('reads a name that every object inherits like any other', async () => {
    const [row] = await readNdjson(await file('{"__proto__": null, "constructor": 2}'));
    expect(Object.entries(row!)).toEqual([
      ['__proto__', null],
      ['constructor', 2],
    ]);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  test.each([
    ['a line that is not JSON', '{"x": 1', /^Expected JSON for line 2 of .*log.ndjson but received "\{\\"x\\": 1"\.$/],
    [
      'a line that is not an object',
      '[1, 2]',
      /^Expected an object for line 2 of .* but received an array of length 2\.$/,
    ],
    ['a time that is not one', '{"at": "noon"}', /^Expected a time for at in line 2 of .* but received "noon"\.$/],
  ])('refuses %s', async (_, line, message) => {
    await expect(readNdjson(await file('{"x": 1}', line))).rejects.toThrow(gatecastError('invalid-data', message));
  });

  test('refuses a line without a run, an empty file and a missing file', async () => {
    const by = { by: 'run' };
    await expect(readNdjson(await file('{"run": 1}', '{"x": 1}'), by)).rejects.toThrow(
      gatecastError('invalid-data', /^Expected a number or text for run in line 2 of .* but received undefined\.$/),
    );
    await expect(readNdjson(await file(''))).rejects.toThrow(gatecastError('invalid-data', /but found none/));
    await expect(readNdjson(join(folder, 'none'))).rejects.toThrow(gatecastError('io', /^Expected to read/));
    await expect(readNdjson(folder)).rejects.toThrow(gatecastError('io', /^Expected to read/));
  });
});

describe('a line with a number that JSON does not have', () => {
  const long = 12_000_000; // a regular expression over quotes fails at this length
  test.each([
    ['a long text', 'x'.repeat(long)],
    ['a long text of quotes', '\\"'.repeat(long / 2)],
    ['a long text of backslashes', '\\\\'.repeat(long / 2)],
    ['a word in quotes', 'nan, \\"inf\\", \\\\'],
  ])('is read beside %s', async (_, text) => {
    const line = `{"a":nan,"text":"${text}","b":-Infinity,"c":[none],"d":1}\n`;
    expect(await readNdjson(Readable.from([Buffer.from(line)]))).toEqual([{ a: null, b: null, d: 1 }]);
  });

  test('is refused where a quote is not closed', async () => {
    const line = Readable.from([Buffer.from(`{"a":nan,"text":"${'x'.repeat(long)}}\n`)]);
    await expect(readNdjson(line)).rejects.toThrow(gatecastError('invalid-data', /^Expected JSON for line 1/));
  });
});
