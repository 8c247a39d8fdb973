import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { csvSeries, inspectCsv, readCsv } from '../../lib/adapters/csv.ts';
import { sniffTypes } from '../../lib/adapters/csv-sniffer.ts';
import { gather } from '../../lib/data/series.ts';
import type { Table } from '../../lib/data/table.ts';
import { DAY, HOUR, iso, rows, source, value } from './read-text.ts';

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

/** A DuckDB that answers each question with `answer`, or throws it. */
function answering(answer: unknown) {
  const asked: string[] = [];
  const connection = {
    runAndReadAll: async (sql: string) => {
      asked.push(sql);
      if (answer instanceof Error) throw answer;
      return { getRowObjects: () => [{ answer }] };
    },
    closeSync() {},
  };
  const create = async () => ({ connect: async () => connection, closeSync() {} });
  return { package: { DuckDBInstance: { create } }, asked };
}

const real = await import('@duckdb/node-api').catch(() => undefined);
if (!real) console.warn('SKIPPED: the tests of the real sniffer need @duckdb/node-api, which cannot be loaded');

const folder = mkdtempSync(join(tmpdir(), 'gatecast-opinion-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const isOpinion = (note: string) => note.startsWith('DuckDB ');
const opinions = async (path: string) => (await inspectCsv(path)).notes.filter(isOpinion);
const comma = (i: number) => value(i).toFixed(2).replace('.', ',');
const german = `Zeit;Leistung;Heizung;Ort;Stand;Notiz\n${rows(40, (i) => `${iso(i)};${comma(i)};${i % 2 ? 'ein' : 'aus'};Hof;${i % 9 ? i : 'NA'};line ${i}`)}`;

beforeEach(() => {
  duckdb = undefined;
});

describe('a second opinion', () => {
  test('says in one line for each column where it differs, and changes nothing', async () => {
    const path = file('german.csv', german);
    const without = await inspectCsv(path);
    const { package: sniffer, asked } = answering('TIMESTAMP WITH TIME ZONE|VARCHAR|VARCHAR|BIGINT|VARCHAR|DATE');
    duckdb = sniffer;
    const report = await inspectCsv(path);
    expect(report.notes.filter(isOpinion)).toEqual([
      'DuckDB reads "Leistung" as text; read here as numbers with decimal comma.',
      'DuckDB reads "Heizung" as text; read here as aus or ein.',
      'DuckDB reads "Ort" as numbers; read here as words.',
      'DuckDB reads "Stand" as text; read here as numbers, 5 missing.',
      'DuckDB reads "Notiz" as times; read here as text, and left out.',
    ]);
    expect({ ...report, notes: report.notes.filter((note) => !isOpinion(note)) }).toEqual(without);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(/skip = 1, .* delim = ';'/);
  });

  test('is cut off after ten columns', async () => {
    duckdb = answering(`TIMESTAMP|${'VARCHAR|'.repeat(11)}VARCHAR`).package;
    const names = Array.from({ length: 12 }, (_, i) => `c${i}`).join(',');
    const said = await opinions(file('wide.csv', `time,${names}\n${rows(9, (i) => `${iso(i)}${`,${i}`.repeat(12)}`)}`));
    expect(said).toHaveLength(11);
    expect(said[10]).toBe('DuckDB reads 2 more columns in another way.');
  });

  test.each([
    new Error('out of memory\nstack'),
    '',
    'VARCHAR',
    'VARCHAR|VARCHAR|VARCHAR|VARCHAR|VARCHAR|STRUCT(a INTEGER)',
    undefined,
    null,
    17,
  ])('of %j is none', async (answer) => {
    duckdb = answering(answer).package;
    expect(await opinions(file('german.csv', german))).toEqual([]);
  });

  test.each([
    ['packed files', () => file('german.csv.gz', gzipSync(german))],
    ['other encodings', () => file('latin.csv', Buffer.from(german.replaceAll('Hof', 'Höfe'), 'latin1'))],
    ['names that are patterns', () => file('german[1].csv', german)],
    [
      'runs of blanks between fields',
      () => file('blanks.txt', `time   temp\n${rows(40, (i) => `${iso(i)}   ${value(i)}`)}`),
    ],
    ['streams', () => source(german)],
  ])('is not asked for about %s', async (_, input) => {
    const { package: sniffer, asked } = answering('VARCHAR');
    duckdb = sniffer;
    expect((await inspectCsv(input())).notes.filter(isOpinion)).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('is not asked for about large files, nor when rows are read', async () => {
    const { package: sniffer, asked } = answering('VARCHAR');
    duckdb = sniffer;
    const path = file('large.csv', german);
    await readCsv(path);
    truncateSync(path, 2 ** 24 + 1);
    expect(await sniffTypes(path, { delimiter: ';', firstRow: 2 })).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe.skipIf(!real)("DuckDB's sniffer, as it is installed,", () => {
  beforeEach(() => {
    duckdb = null;
  });

  test('reads decimal commas as text', async () => {
    expect((await opinions(file('german.csv', german)))[0]).toBe(
      'DuckDB reads "Leistung" as text; read here as numbers with decimal comma.',
    );
  });

  const folders = ['examples/data', '../shared/data/classic', '../shared/data/emps', '../shared/data/ett'];
  const data = folders
    .filter((each) => existsSync(each))
    .flatMap((each) => readdirSync(each).map((name) => join(each, name)))
    .filter((path) => path.endsWith('.csv') && statSync(path).size < 2 ** 22);
  test.each(data)('agrees on every column of %s, or a line says on which it does not', async (path) => {
    const report = await inspectCsv(path);
    duckdb = undefined;
    expect({ ...report, notes: report.notes.filter((note) => !isOpinion(note)) }).toEqual(await inspectCsv(path));
    const disputed = report.columns.filter(({ name }) =>
      report.notes.some((note) => note.startsWith(`DuckDB reads "${name}"`)),
    );
    // Numbers without missing values, and nothing else, are numbers to any reader.
    expect(disputed.filter(({ kind, missing }) => kind === 'number' && missing === 0)).toEqual([]);
  });

  const shared = ['m4', 'nab', 'activity'].map((each) => join('../shared/data', each));
  const absent = shared.filter((each) => !existsSync(each));
  if (absent.length > 0) console.warn(`SKIPPED: the same series with and without DuckDB need ${absent.join(', ')}`);
  const more = shared
    .filter((each) => !absent.includes(each))
    .flatMap((each) => readdirSync(each).map((name) => join(each, name)))
    .filter((path) => path.endsWith('.csv') && !/labels|windows/.test(path));
  test.skipIf(more.length === 0)(
    'leaves every series of data from elsewhere as it is without the package',
    async () => {
      for (const path of more) {
        const options = { order: 'file', ...(path.includes('activity') && { by: 'case' }) } as const;
        duckdb = null;
        const withIt = await gather(csvSeries(path, options));
        duckdb = undefined;
        expect(hashOf(await gather(csvSeries(path, options))), path).toBe(hashOf(withIt));
        expect([...withIt.values()].every(({ columns }) => columns.length > 0)).toBe(true);
      }
    },
  );

  /** One text for all names, numbers and times, which is compared faster than millions of numbers. */
  function hashOf(tables: ReadonlyMap<string, Table>): string {
    const hash = createHash('sha256');
    for (const [key, { names, columns, at }] of tables) {
      hash.update(JSON.stringify([key, names]));
      for (const column of [...columns, ...(at ? [at] : [])]) hash.update(Float64Array.from(column));
    }
    return hash.digest('hex');
  }

  let database: InstanceType<NonNullable<typeof real>['DuckDBInstance']> | undefined;
  afterAll(() => database?.closeSync());
  /** Reads the first column of a file with DuckDB alone: numbers as they are, times in milliseconds since 1970. */
  async function asked(path: string): Promise<number[]> {
    database ??= await real!.DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await database.connect();
    const table = `read_csv('${path}', header = true, sample_size = -1)`;
    const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRows().map(([one]) => one);
    try {
      const [type] = await ask(`SELECT typeof(x) FROM ${table} LIMIT 1`);
      const isTime = /DATE|TIME/.test(String(type));
      const all = await ask(`SELECT ${isTime ? 'epoch_us(x::TIMESTAMPTZ) / 1000' : 'x::DOUBLE'} FROM ${table}`);
      return all.map(Number);
    } finally {
      connection.closeSync();
    }
  }

  const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 });
  const WRITE: readonly ((x: number) => string)[] = [
    (x) => String(x),
    (x) => x.toExponential(),
    (x) => x.toFixed(3),
    (x) => `${Math.trunc(x)}.`,
    (x) => String(Math.trunc(x)),
    (x) => `  ${x.toFixed(1)} `,
  ];
  test('never reads a number that is read otherwise here', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(number, { minLength: 8, maxLength: 20 }),
        fc.constantFrom(...WRITE),
        async (all, write) => {
          const path = file('numbers.csv', `x,y\n${all.map((x, i) => `${write(x)},${i}\n`).join('')}`);
          expect([...(await readCsv(path, { order: 'file' })).columns[0]!]).toEqual(await asked(path));
        },
      ),
      { numRuns: 6 },
    );
  });

  const day = (t: string, sign: string) => [t.slice(8, 10), t.slice(5, 7), t.slice(0, 4)].join(sign);
  const half = (t: string) =>
    `${String(Number(t.slice(11, 13)) % 12 || 12).padStart(2, '0')}${t.slice(13, 19)} ${Number(t.slice(11, 13)) < 12 ? 'AM' : 'PM'}`;
  test.each<[string, (t: string) => string, number?]>([
    ['ISO 8601', (t) => t],
    ['without a zone', (t) => t.slice(0, 19)],
    ['a blank', (t) => t.slice(0, 19).replace('T', ' ')],
    ['microseconds', (t) => `${t.slice(0, 19).replace('T', ' ')}.123456`],
    ['an offset', (t) => `${t.slice(0, 19).replace('T', ' ')}+05:30`],
    ['a short offset', (t) => `${t.slice(0, 19).replace('T', ' ')}-03`],
    [
      'no zeros before digits',
      (t) =>
        t
          .slice(0, 19)
          .replace('T', ' ')
          .replaceAll(/([- ])0/g, '$1'),
    ],
    ['slashes', (t) => t.slice(0, 16).replaceAll('-', '/').replace('T', ' ')],
    ['blanks', (t) => t.slice(0, 19).replaceAll(/[-T]/g, ' ')],
    ['backslashes', (t) => t.slice(0, 10).replaceAll('-', '\\'), DAY],
    ['dates', (t) => t.slice(0, 10), DAY],
    ['days with blanks', (t) => t.slice(0, 10).replaceAll('-', ' '), DAY],
    ['dots', (t) => `${day(t, '.')} ${t.slice(11, 19)}`],
    ['days first', (t) => day(t, '/'), DAY],
    ['months first', (t) => `${t.slice(5, 7)}/${t.slice(8, 10)}/${t.slice(0, 4)} ${half(t)}`],
    ['the name of a zone', (t) => `${t.slice(0, 19).replace('T', ' ')} Europe/Berlin`],
  ])('reads times with %s as they are read here', async (_, write, step = HOUR) => {
    const path = file('times.csv', `x,y\n${rows(60, (i) => `${write(iso(i, step))},${i}`)}`);
    expect(await opinions(path)).toEqual([]);
    const { at } = await readCsv(path, { order: 'file' });
    const theirs = await asked(path);
    expect([...at!].map((time) => Math.round(time))).toEqual(theirs.map((time) => Math.round(time)));
  });
});
