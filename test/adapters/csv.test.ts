import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReadCsvOptions, readCsv } from '../../lib/adapters/csv.ts';
import { csvLine, forecastHeader, forecastLines } from '../../lib/adapters/csv-forecasts.ts';
import { parseTime } from '../support/parse-time.ts';
import { Forecast } from '../../lib/model/forecast.ts';
import { NONE_SKIPPED } from '../../lib/model/skipped.ts';
import { gatecastError } from '../support/gatecast-error.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-csv-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(text: string | Uint8Array): Promise<string> {
  const path = join(folder, 'data.csv');
  await writeFile(path, text);
  return path;
}

describe('readCsv', () => {
  test('numbers, times, missing values and a note for a column of text', async () => {
    const notes: string[] = [];
    const path = await file('when,a,wind,b,none\n2020-01-01 00:00:00,1,NW,NA,\n2020-01-01 00:15:00,-2.5e1,SE,4,null\n');
    const table = await readCsv(path, { note: (sentence) => notes.push(sentence) });
    expect(table.names).toEqual(['a', 'b']);
    expect(table.columns).toEqual([Float64Array.of(1, -25), Float64Array.of(Number.NaN, 4)]);
    expect(table.at).toEqual(Float64Array.of(Date.UTC(2020, 0, 1), Date.UTC(2020, 0, 1, 0, 15)));
    expect(notes).toEqual(['Column "wind" is left out: it holds text.', 'Column "none" is left out: it is empty.']);
  });

  test.each([
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['a byte order mark', '\ufeffa,b\n1,2\n3,4'],
    ['quotes', '"a","b"\n"1",2\n3,"4"\n'],
    ['empty lines and blanks', 'a, b\n\n1, 2\n3 ,4\n\n'],
    ['tabs', 'a\tb\n1\t2\n3\t4\n'],
    ['semicolons', 'a;b\n1,0;2\n3;4,0\n'],
  ])('reads %s', async (_, text) => {
    const table = await readCsv(await file(text));
    expect(table).toEqual({ names: ['a', 'b'], columns: [Float64Array.of(1, 3), Float64Array.of(2, 4)] });
  });

  test('`by` splits the rows into series, in order of appearance', async () => {
    const path = await file('id,at,v\nx,1600000000,1\ny,1600000000,2\nx,1600000001,3\n');
    const tables = await readCsv(path, { by: 'id' });
    expect([...tables.keys()]).toEqual(['x', 'y']);
    expect(tables.get('x')).toEqual({
      names: ['v'],
      columns: [Float64Array.of(1, 3)],
      at: Float64Array.of(16e11, 1600000001e3),
    });
  });

  test.each([
    ['', 'invalid-data', /header line .* but it is empty/],
    ['a,b\n', 'invalid-data', /rows below the header/],
    ['1,2\n3,4\n', 'invalid-data', /a header line with column names for line 1 .* received "1,2"/],
    ['a,b\n1,2\n3\n', 'invalid-data', /Expected 2 fields in line 3 of .* but received 1/],
    ['a,b\n1,2\n3,4,5\n', 'invalid-data', /Expected 2 fields in line 3 of .* but received 3/],
    ['a,"b\n1,2\n3,4\n', 'invalid-data', /well-formed CSV in line/],
    ['a,b\nx,z\n', 'invalid-data', /at least one column of numbers/],
    [new Uint8Array([80, 65, 0, 49, 255, 0, 3]), 'invalid-data', /is not text: it has NUL bytes/],
  ])('answers %j', async (text, code, message) => {
    await expect(readCsv(await file(text))).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('text among the numbers or the times of a column is refused where the column is asked for', async () => {
    const path = await file('t,a,b\n2020-01-01,1,2\nyesterday,2,four\n2020-01-03,3,5\n');
    expect((await readCsv(path)).names).toEqual(['a']);
    const refused = (options: ReadCsvOptions, message: RegExp) =>
      expect(readCsv(path, options)).rejects.toMatchObject({
        code: 'invalid-data',
        message: expect.stringMatching(message),
      });
    await refused(
      { roles: { b: 'target' } },
      /^Expected numbers in b but line 3 of .* has "four" \(1 row\)\. Use --missing four/,
    );
    await refused({ time: 't' }, /t in line 3 .* "yesterday"/);
    expect((await readCsv(path, { missing: ['four'] })).columns[1]).toEqual(Float64Array.of(2, Number.NaN, 5));
  });

  test("rows stay as they are in the file with order 'file', and are sorted and made one for each time without", async () => {
    const path = await file('time,v\n2026-01-01 02:00,1\n2026-01-01 01:00,2\n2026-01-01 02:00,3\n2026-01-01 03:00,4\n');
    expect((await readCsv(path, { order: 'file' })).columns).toEqual([Float64Array.of(1, 2, 3, 4)]);
    expect((await readCsv(path)).columns).toEqual([Float64Array.of(2, 1, 4)]);
    for (const rule of [{ every: '1h' }, { duplicates: 'mean' }, { how: 'sum' }, { how: { a: 'sum' } }] as const) {
      await expect(readCsv(path, { order: 'file', ...rule })).rejects.toMatchObject({ code: 'invalid-argument' });
    }
  });

  test('days begin at the midnight of the zone, also when its clocks are set', async () => {
    const hours = Array.from({ length: 71 }, (_, i) => new Date(Date.UTC(2026, 2, 27, 23 + i)).toISOString());
    const path = await file(`time,v\n${hours.map((time) => `${time},1`).join('\n')}\n`);
    const { at, columns } = await readCsv(path, { zone: 'Europe/Berlin', every: '1d', how: 'sum' });
    expect(columns).toEqual([Float64Array.of(24, 23, 24)]); // 29 March has 23 hours
    expect([...at!]).toEqual([Date.UTC(2026, 2, 27, 23), Date.UTC(2026, 2, 28, 23), Date.UTC(2026, 2, 29, 22)]);
  });

  test('refuses a missing file, a folder and misspelt columns', async () => {
    await expect(readCsv(join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'io' });
    await expect(readCsv(folder)).rejects.toMatchObject({ code: 'io' });
    const path = await file('stamp,value\n2020-01-01,1\n');
    await expect(readCsv(path, { time: 'stmp' })).rejects.toThrow('Did you mean "stamp"?');
    await expect(readCsv(path, { by: 'valu' })).rejects.toThrow('Did you mean "value"?');
  });

  test('a name that two columns have is refused if it is asked for', async () => {
    const notes: string[] = [];
    const path = await file('a,b,a\n1,2,3\n');
    const { names } = await readCsv(path, { note: (sentence) => notes.push(sentence) });
    expect(names).toEqual(['a', 'b', 'a 2']);
    expect(notes).toEqual(['Column 3 is called "a 2", because a column before it is called "a".']);
    const message = /^Expected one column "a" in .* but the columns 1 and 3 have that name\.$/;
    await expect(readCsv(path, { time: 'a' })).rejects.toThrow(gatecastError('invalid-data', message));
    expect((await readCsv(path, { by: 'a 2' })).size).toBe(1);
  });

  test('units beside names and under them come with the table', async () => {
    const path = await file('time,temp [degC],flow\n-,-,l/min\n2024-01-01,1,2\n2024-01-02,3,4\n');
    expect(await readCsv(path)).toMatchObject({ names: ['temp [degC]', 'flow'], units: ['degC', 'l/min'] });
  });

  test('reads a long file whole', async () => {
    const path = await file(`a,b\n${Array.from({ length: 50_000 }, (_, i) => `${i},${2 * i}`).join('\n')}\n`);
    const { columns } = await readCsv(path);
    expect(columns[1]!.length).toBe(50_000);
    expect(columns[1]!.every((value, i) => value === 2 * i)).toBe(true);
  });
});

test.each([
  ['2016-07-01 01:30:00', '2016-07-01T01:30:00Z'],
  ['2016-07-01T01:30:00.250Z', '2016-07-01T01:30:00.250Z'],
  ['2016-07-01T01:30+02:00', '2016-06-30T23:30:00Z'],
  ['2016/7/1 1:30', '2016-07-01T01:30:00Z'],
  ['1749-01', '1749-01-01T00:00:00Z'],
])('the time %s', (text, iso) => {
  expect(parseTime(text)).toBe(Date.parse(iso));
});

test.each(['', '2016', '2016-13-01', '2016-02-30', '12:30', '2016-07-01 25:00', 'NW'])('no time: %j', (text) => {
  expect(parseTime(text)).toBeNaN();
});

describe('forecasts as CSV', () => {
  const forecast = new Forecast(
    { targets: ['a', 'b,c'], horizon: 2, levels: [0.1, 0.9] },
    [1, 2, 3, 1 / 3, 0, 1, 2, 0, 2, 3, 4, 1],
    Date.UTC(2020, 0, 1),
    true,
    NONE_SKIPPED,
  );

  test('one line for each step, with times and intervals', () => {
    expect(forecastHeader(forecast, { levels: [0.8] })).toBe(
      'from,at,step,a,a_lo_80,a_hi_80,"b,c","b,c_lo_80","b,c_hi_80"\n',
    );
    expect(forecastLines({ row: 9, forecast }, 60_000, { levels: [0.8] }).split('\n')).toEqual([
      '2020-01-01T00:00:00.000Z,2020-01-01T00:01:00.000Z,1,1,0,2,3,2,4',
      '2020-01-01T00:00:00.000Z,2020-01-01T00:02:00.000Z,2,2,1,3,0.3333333,0,1',
      '',
    ]);
  });

  test('one line for each step of each path', () => {
    const shape = { targets: ['a', 'b'], horizon: 2, levels: [], loss: 'gaussian', paths: { count: 3 } } as const;
    const samples = [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9];
    const means = [5, 17 / 3, 19 / 3, 7];
    const drawn = new Forecast(shape, [...means, ...samples], undefined, true, NONE_SKIPPED);
    const options = { paths: 2, series: { name: 'id', value: 'x' } };
    expect(forecastHeader(drawn, options)).toBe('id,path,from,at,step,a,b\n');
    expect(forecastLines({ row: 9, forecast: drawn }, null, options).split('\n')).toEqual([
      'x,1,10,11,1,1,3',
      'x,1,10,12,2,2,4',
      'x,2,10,11,1,5,7',
      'x,2,10,12,2,6,8',
      '',
    ]);
    expect(() => forecastLines({ row: 9, forecast: drawn }, null, { paths: 2, levels: [0.8] })).toThrow(
      gatecastError('invalid-argument', /none with paths for options.levels/),
    );
  });

  test('row numbers where times are unknown, and the series', () => {
    const series = { name: 'id', value: 'x' };
    expect(forecastHeader(forecast, { series })).toBe('id,from,at,step,a,"b,c"\n');
    expect(forecastLines({ row: 9, forecast }, null, { series })).toBe('x,10,11,1,1,3\nx,10,12,2,2,0.3333333\n');
  });

  test('quotes what needs quotes', () => {
    expect(csvLine(['a"b', 'c\nd', 1])).toBe('"a""b","c\nd",1\n');
  });
});
