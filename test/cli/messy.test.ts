import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOUR, iso, MINUTE, rows, START, value } from '../adapters/read-text.ts';
import { makeModel } from '../support/models.ts';
import { gatecast } from './gatecast.ts';

const COUNT = 200;
const bare = (i: number, step = MINUTE) => iso(i, step).slice(0, 19).replace('T', ' ');
const comma = (i: number) => value(i).toFixed(2).replace('.', ',');
const jitter = (i: number) => new Date(START + i * MINUTE + ((i * 37) % 50) * 1000).toISOString();

const files: Record<string, string | Uint8Array> = {
  'long.csv': `series,time,temp\n${[0, 1].map((k) => rows(COUNT, (i) => `s${k},${iso(i)},${value(i) + 100 * k}`)).join('')}`,
  'two-keys.csv': `site;sensor;Zeit;wert\n${[0, 1, 2, 3].map((k) => rows(COUNT / 2, (i) => `${'ab'[k % 2]};${k >> 1};${bare(i)};${comma(i)}`)).join('')}`,
  'words.csv': `time,temp\n${rows(COUNT, (i) => `${iso(i)},${i % 50 === 7 ? 'error' : i % 9 === 3 ? '-' : value(i)}`)}`,
  'thousands.csv': `time;power\n${rows(COUNT, (i) => `${iso(i)};${1 + (i % 9)}.${100 + i}`)}`,
  'split.csv': `Day,Clock,temp\n${rows(COUNT, (i) => `${iso(i).slice(0, 10)},${iso(i).slice(11, 19)},${value(i)}`)}`,
  'ambiguous.csv': `Date,temp\n${rows(COUNT, (i) => `05/03/2024 ${iso(i).slice(11, 16)},${value(i)}`)}`,
  'untimed.csv': `when,temp\n${rows(COUNT, (i) => `T${i}x,${value(i)}`)}`,
  'false.csv': `time,temp\n${rows(COUNT, (i) => `${i === 99 ? '2099-01-01T00:00:00Z' : iso(i)},${value(i)}`)}`,
  'again.csv': `time,temp\n${rows(COUNT, (i) => `${iso(i)},${value(i)}`)}${iso(50)},99\n`,
  'jitter.csv': `time,temp,rain\n${rows(COUNT, (i) => `${jitter(i)},${value(i)},1`)}`,
  'micro.csv.gz': gzipSync(`time,temp\n${rows(COUNT, (i) => `${(START + i * MINUTE) * 1000},${value(i)}`)}`),
  'pump.csv': `time,pressure,temperature\n${rows(40, (i) => `${iso(i, 1000)},${i % 5},${i % 7}`)}`,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-messy-'));
  await makeModel().save(join(folder, 'pump.gatecast'));
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
});
afterAll(() => rm(folder, { recursive: true }));

let made = 0;
const train = async (file: string, target: string, ...words: string[]) => {
  const size = ['--horizon', '2', '--epochs', '1', '--hidden', '4', '--lookback', '4', '--out', `${made++}.gatecast`];
  return gatecast(folder, ['train', file, '--target', target, ...size, ...words]);
};
const inspect = async (...words: string[]) => {
  const { code, stdout, stderr } = await gatecast(folder, ['inspect', ...words, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as {
    time: Record<string, unknown>;
    series: Record<string, unknown>;
    columns: Record<string, unknown>[];
    notes: string[];
  };
};

describe('train', () => {
  test.each<[string, string, string[], RegExp]>([
    [
      'long.csv',
      'temp',
      [],
      /times go back at line 202; the column "series" splits the rows into 2 series in time order: use --by series\.\n$/,
    ],
    [
      'words.csv',
      'temp',
      [],
      /numbers in temp but line 9 of words\.csv has "error" \(4 rows\)\. Use --missing error to read it as missing\.\n$/,
    ],
    [
      'thousands.csv',
      'power',
      [],
      /"1\.100" in line 2 of thousands\.csv, which is 1\.1 or 1100\. Use --decimal '\.' or --decimal ',' to say which\.\n$/,
    ],
    [
      'again.csv',
      'temp',
      ['--order', 'refuse'],
      /time order in again\.csv but row 201 is the first that goes back: 1 of 201 rows/,
    ],
    ['again.csv', 'temp', ['--duplicates', 'refuse'], /received a second one at 2024-01-20T00:50:00\.000Z/],
  ])('refuses %s for %s with %j in one sentence', async (file, target, words, message) => {
    const { code, stdout, stderr } = await train(file, target, ...words);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^gatecast: Expected [^\n]*\n$/);
    expect(code).toBe(1);
  });

  test.each<[string, string, string[], string]>([
    ['long.csv', 'temp', ['--by', 'series'], ''],
    ['two-keys.csv', 'wert', ['--by', 'site,sensor'], ''],
    ['split.csv', 'temp', ['--time', 'Day,Clock'], 'The time in "Day" and "Clock" is read as text and time of day.'],
    ['false.csv', 'temp', [], '1 row was left out because of times far from all others: 2099-01-01T00:00:00.000Z.'],
    [
      'again.csv',
      'temp',
      ['--duplicates', 'last'],
      '1 row repeats the step of another; the last row of each step was kept.',
    ],
    ['jitter.csv', 'temp,rain', ['--every', '2m', '--how', 'rain=sum'], ''],
    [
      'untimed.csv',
      'temp',
      [],
      `No times were found, and the time between rows is unknown: "T0x" in line 2 of column "when" is no time in a form that is known. --time-format '%d.%m.%Y %H:%M' says how times are written.`,
    ],
  ])('learns %s for %s with %j', async (file, target, words, said) => {
    const { code, stdout, stderr } = await train(file, target, ...words);
    expect({ code, said: stderr.includes(said) ? said : stderr }).toEqual({ code: 0, said });
    expect(stdout).toMatch(/^\d+\.gatecast: forecasts /);
  });

  test('words for missing values are learned around', async () => {
    const { code, stderr } = await train('words.csv', 'temp', '--missing', 'error');
    expect(code).toBe(0);
    expect(stderr).toMatch(/of 200 rows .* temp \(25\)/); // 4 of `error` and 22 of `-`, one row being both
  });
});

describe('forecast', () => {
  test('of a shuffled file is that of the file', async () => {
    const [header, ...lines] = (files['pump.csv'] as string).trimEnd().split('\n');
    const ordered = await gatecast(folder, ['forecast', 'pump.csv', '--model', 'pump.gatecast']);
    expect(ordered.code).toBe(0);
    const shuffled = [header, ...lines.map((_, i) => lines[(i * 7) % lines.length])].join('\r\n');
    const { code, stdout, stderr } = await gatecast(folder, ['forecast', '-', '--model', 'pump.gatecast'], shuffled);
    expect({ code, stdout }).toEqual({ code: 0, stdout: ordered.stdout });
    expect(stderr).toMatch(/^gatecast: \d+ of 40 rows came after a later one; they were put in time order\.\n$/);
  });

  test('of two devices needs to know which column tells them apart', async () => {
    const text = `device,time,pressure,temperature\n${rows(40, (i) => ['n', 's'].map((k) => `${k},${iso(i, 1000)},${i % 5},${i % 7}`).join('\n'))}`;
    const alone = await gatecast(folder, ['forecast', '-', '--model', 'pump.gatecast'], text);
    expect(alone).toMatchObject({ code: 1, stdout: '' });
    expect(alone.stderr).toMatch(
      /the column "device" splits the rows into 2 series in time order: use --by device\.\n$/,
    );
    const { code, stdout } = await gatecast(
      folder,
      ['forecast', '-', '--model', 'pump.gatecast', '--by', 'device'],
      text,
    );
    expect(code).toBe(0);
    const keys = stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[0]);
    expect(new Set(keys)).toEqual(new Set(['n', 's']));
  });
});

describe('inspect', () => {
  test('says what train would do', async () => {
    expect((await inspect('long.csv')).notes.at(-1)).toMatch(
      /^The rows are those of several series: .*: use --by series\.$/,
    );
    expect((await inspect('two-keys.csv', '--by', 'site,sensor')).series).toMatchObject({
      by: ['site', 'sensor'],
      count: 4,
      keys: [{ key: 'a/0', rows: COUNT / 2 }, { key: 'b/0' }, { key: 'a/1' }, { key: 'b/1' }],
    });
    expect((await inspect('words.csv', '--missing', 'error')).columns[1]).toMatchObject({
      name: 'temp',
      kind: 'number',
      missing: 25,
    });
    expect((await inspect('thousands.csv', '--decimal', '.')).columns[1]).toMatchObject({ kind: 'number', min: 1.1 });
    expect((await inspect('thousands.csv', '--thousands', '.')).columns[1]).toMatchObject({
      kind: 'number',
      min: 1100,
    });
    expect((await inspect('split.csv', '--time', 'Day,Clock', '--zone', 'Europe/Berlin')).time).toMatchObject({
      columns: ['Day', 'Clock'],
      zone: 'Europe/Berlin',
      first: new Date(START - HOUR).toISOString(),
      interval: MINUTE,
    });
    expect((await inspect('ambiguous.csv', '--time-format', 'mdy')).time).toMatchObject({
      form: 'month, day, year',
      first: '2024-05-03T00:00:00.000Z',
    });
    expect((await inspect('micro.csv.gz')).time).toMatchObject({
      form: 'microseconds since 1970',
      first: iso(0),
      interval: MINUTE,
    });
  });

  test('looks at text in an old encoding too, and prints no control characters', async () => {
    const table = Buffer.from(`Zeit;Au\xdfen \x1b[2J [\xb0C]\n${'2024-01-01 00:00;1,5\n'.repeat(3)}`, 'latin1');
    await writeFile(join(folder, 'latin1.csv'), table);
    const { code, stdout } = await gatecast(folder, ['inspect', 'latin1.csv']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('windows-1252') });
    expect(stdout).toContain('\\u001b[2J');
    expect(/[^\n\P{C}]/u.test(stdout)).toBe(false);
  });

  test('prints it in lines, with a picture', async () => {
    const { code, stdout } = await gatecast(folder, ['inspect', 'false.csv']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^file +false\.csv: 200 rows, header in line 1; commas between fields, decimal sign \., utf-8\n/,
    );
    expect(stdout).toMatch(/\norder +in order, 1 time far away from all others, no gaps\n/);
    expect(stdout).toMatch(/\n {2}temp {2}[▁▂▃▄▅▆▇█]{30,40} {2}15 to 25, mean [\d.]+\n/);
  });
});
