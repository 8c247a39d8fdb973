import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { inspectCsv } from '../../lib/adapters/csv.ts';
import { CsvFile } from '../../lib/adapters/csv-file.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { iso, refusal, rows, source, value } from './read-text.ts';

/** What DuckDB is in these tests: undefined for a package that is not installed, null for the real one. */
let duckdb: object | undefined | null;

vi.mock('node:module', async (original) => {
  const real = await original<Pick<typeof import('node:module'), 'createRequire'>>();
  return {
    ...real,
    createRequire: (from: string) => (name: string) => {
      if (name !== '@duckdb/node-api' || duckdb === null) return real.createRequire(from)(name) as unknown;
      if (duckdb === undefined) throw new Error(`Cannot find module '${name}'`);
      return duckdb;
    },
  };
});

/** A DuckDB whose sniffer answers with `answer`, or throws it. */
function answering(answer: string | Error) {
  const asked: string[] = [];
  const connection = {
    runAndReadAll: async (sql: string, [path]: [string]) => {
      if (!sql.includes('Delimiter')) throw new Error('only asked for a second opinion');
      asked.push(path);
      if (answer instanceof Error) throw answer;
      return { getRowObjects: () => [{ answer }] };
    },
    closeSync() {},
  };
  const create = async () => ({ connect: async () => connection, closeSync() {} });
  return { package: { DuckDBInstance: { create } }, asked };
}

/** Whether there is a build of the package for this machine. */
const isInstalled = await import('@duckdb/node-api').then(
  () => true,
  () => false,
);

const folder = mkdtempSync(join(tmpdir(), 'gatecast-sniffer-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** Lines that a bar and a semicolon split equally well: one column of numbers and one of text with either. */
const torn = `t|place;temp\n${rows(40, (i) => `${i}|hall;${value(i)}`)}`;

beforeEach(() => {
  duckdb = undefined;
});

describe('several delimiters that fit', () => {
  test.each([
    [',', `time,tags;more,temp\n${rows(40, (i) => `${iso(i)},x;y,${value(i)}`)}`],
    [';', `time;a,b\n${rows(40, (i) => `${iso(i)};${String(value(i)).replace('.', ',').padEnd(4, ',5')}`)}`],
    [';', `Temp, °C;Humidity, %\n${rows(40, (i) => `${i},5;4${i % 9},1`)}`],
    ['|', `a,b|c,d|e\n${rows(40, (i) => `1,5|2,${i}|7`)}`],
  ])('%j leaves more numbers and times than another', async (delimiter, text) => {
    expect((await inspectCsv(source(text))).text.delimiter).toBe(delimiter);
  });

  test('are refused with both readings, and the option says which', async () => {
    expect(await refusal(torn)).toBe(
      'Expected one delimiter in the input but ";" (columns "t|place" and "temp") or "|" (columns "t" and "place;temp") ' +
        'may separate its fields. Use --delimiter ";" or another to say which.',
    );
    const columns = async (delimiter: string) => (await inspectCsv(source(torn), { delimiter })).columns;
    expect((await columns(';')).map(({ name, kind }) => [name, kind])).toEqual([
      ['t|place', 'text'],
      ['temp', 'number'],
    ]);
    expect((await columns('|')).map(({ name }) => name)).toEqual(['t', 'place;temp']);
    expect((await columns(',')).map(({ name }) => name)).toEqual(['t|place;temp']);
  });

  test('the option takes any sign that is not of a word or a number', async () => {
    const { text, columns } = await inspectCsv(source('a^b\n1^2\n3^4\n'), { delimiter: '^' });
    expect([text.delimiter, columns.map(({ mean }) => mean)]).toEqual(['^', [2, 3]]);
    for (const delimiter of ['', ';;', 'a', '1', '"', '\n', 5, null] as string[]) {
      await expect(inspectCsv('a.csv', { delimiter })).rejects.toThrow(gatecastError('invalid-argument', /delimiter/));
    }
  });
});

describe("DuckDB's sniffer", () => {
  test('decides where nothing else does, and the report says so', async () => {
    const { package: sniffer, asked } = answering('|');
    duckdb = sniffer;
    const path = file('torn.csv', torn);
    const report = await inspectCsv(path);
    expect(report.text.delimiter).toBe('|');
    expect(report.notes[0]).toBe('The delimiter is "|" (DuckDB\'s sniffer).');
    expect(asked).toEqual([path]);
  });

  test('is not asked if the option decides', async () => {
    const { package: sniffer, asked } = answering('|');
    duckdb = sniffer;
    expect((await inspectCsv(file('torn.csv', torn), { delimiter: ';' })).text.delimiter).toBe(';');
    expect(asked).toEqual([]);
  });

  test.each([
    ['packed files', () => file('torn.csv.gz', gzipSync(torn))],
    ['other encodings', () => file('latin.csv', Buffer.from(torn.replaceAll('hall', 'Küche'), 'latin1'))],
    ['names that are patterns', () => file('torn[1].csv', torn)],
    ['streams', () => source(torn)],
  ])('is not asked about %s', async (_, input) => {
    const { package: sniffer, asked } = answering('|');
    duckdb = sniffer;
    await expect(inspectCsv(input())).rejects.toThrow(gatecastError('invalid-data', /to say which\.$/));
    expect(asked).toEqual([]);
  });

  test.each([
    [new Error('out of memory\nstack'), 'failed: out of memory.'],
    [',', 'says ",".'],
  ])('leaves the file refused if it fails or says what does not fit', async (answer, why) => {
    duckdb = answering(answer).package;
    const sentence = `Use --delimiter ";" or another to say which. DuckDB's sniffer ${why}`;
    await expect(inspectCsv(file('torn.csv', torn))).rejects.toMatchObject({
      code: 'invalid-data',
      message: expect.stringContaining(sentence) as string,
    });
  });

  const folders = ['examples/data', '../shared/data/classic', '../shared/data/emps'].filter((each) => existsSync(each));
  const data = folders
    .flatMap((each) => readdirSync(each).map((name) => join(each, name)))
    .filter((path) => path.endsWith('.csv'));
  test('is not asked about files that one delimiter fits best', async () => {
    const { package: sniffer, asked } = answering('|');
    duckdb = sniffer;
    for (const path of data) await (await CsvFile.open(path, { maxLineBytes: 2 ** 20 })).close();
    expect(asked).toEqual([]);
    expect(data.length).toBeGreaterThan(0);
  });

  if (!isInstalled)
    console.warn('SKIPPED: the test of the real sniffer needs @duckdb/node-api, which cannot be loaded');
  test.skipIf(!isInstalled)('of the installed package decides', async () => {
    duckdb = null;
    const path = file("it's torn.csv", torn);
    const { text, notes } = await inspectCsv(path);
    expect(['|', ';']).toContain(text.delimiter);
    expect(notes[0]).toBe(`The delimiter is "${text.delimiter}" (DuckDB's sniffer).`);
  });
});
