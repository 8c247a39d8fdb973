import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvSeries } from '../../lib/adapters/csv.ts';
import { inspectNdjson, type NdjsonSeriesOptions, ndjsonSeries } from '../../lib/adapters/ndjson.ts';
import { gather } from '../../lib/data/series.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const newYear = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function read(lines: readonly (object | string)[], options: NdjsonSeriesOptions = {}) {
  const notes: string[] = [];
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  const series = ndjsonSeries(bytes(text), { note: (sentence) => notes.push(sentence), ...options });
  const tables = await gather(series);
  const column = (name: string, key = '') => {
    const table = tables.get(key)!;
    const at = table.names.indexOf(name);
    return at < 0 ? undefined : [...table.columns[at]!];
  };
  const times = (key = '') => [...(tables.get(key)!.at ?? [])];
  return { tables, column, times, notes };
}

const every = <T>(count: number, row: (i: number) => T) => Array.from({ length: count }, (_, i) => row(i));

describe('NDJSON as series', () => {
  test('has the fields of all lines, also those that come late; what a line lacks is missing', async () => {
    const lines = [...every(1001, (i) => ({ t: i % 7 })), { u: 3, t: 2 }, { u: null }];
    const { tables, column } = await read(lines);
    expect(tables.get('')!.names).toEqual(['t', 'u']);
    expect(column('u')!.slice(1000)).toEqual([Number.NaN, 3, Number.NaN]);
    expect(column('t')!.slice(1000)).toEqual([6, 2, Number.NaN]);
  });

  test('reads numbers as text, words for missing values, booleans, and words that repeat as a category', async () => {
    const lines = every(8, (i) => ({
      at: newYear + i * MINUTE,
      temp: i === 3 ? 'NaN' : `${20 + i}.5`,
      comma: i === 4 ? 'unavailable' : `1.${200 + i},5`,
      open: i % 2 === 0,
      mode: ['eco', 'boost'][i % 2],
      text: `note ${i}`,
    }));
    const { column, times, notes } = await read([...lines, '{"at":1704067680000,"temp":nan,"comma":-Infinity}']);
    expect(times()).toEqual(every(9, (i) => newYear + i * MINUTE));
    expect(column('temp')).toEqual([20.5, 21.5, 22.5, Number.NaN, 24.5, 25.5, 26.5, 27.5, Number.NaN]);
    expect(column('comma')!.slice(3, 6)).toEqual([1203.5, Number.NaN, 1205.5]);
    expect(column('open')).toEqual([1, 0, 1, 0, 1, 0, 1, 0, Number.NaN]);
    expect(column('mode')).toEqual([1, 0, 1, 0, 1, 0, 1, 0, Number.NaN]); // in the order of the alphabet
    expect(column('text')).toBeUndefined();
    expect(notes.join('\n')).toMatch(
      /In comma, "unavailable" is read as missing\.\nColumn "text" is left out: it holds text/,
    );
  });

  test('a number of JSON with three digits after its point is never one of thousands', async () => {
    const { column } = await read([1.234, 985, 990, 12.345, 250].map((x) => ({ x })));
    expect(column('x')).toEqual([1.234, 985, 990, 12.345, 250]);
  });

  test.each([
    ['at', (i: number) => newYear + i * MINUTE],
    ['ts', (i: number) => newYear / 1000 + i * 60],
    ['ts', (i: number) => String(newYear / 1000 + i * 60)],
    ['time', (i: number) => (newYear + i * MINUTE) * 1000],
    ['time_ns', (i: number) => `${newYear + i * MINUTE}000000`],
    ['timestamp', (i: number) => new Date(newYear + i * MINUTE).toISOString()],
    ['recorded', (i: number) => `01.01.2024 00:0${i}:00`],
    ['date', (i: number) => `Mon, 01 Jan 2024 00:0${i}:00 GMT`],
    ['datetime', (i: number) => `20240101000${i}00`],
  ])('finds the time in %s (%#), whatever its form', async (name, time) => {
    const { times, column } = await read(every(6, (i) => ({ [name]: time(i), v: i * i })));
    expect(times()).toEqual(every(6, (i) => newYear + i * MINUTE));
    expect(column('v')).toEqual([0, 1, 4, 9, 16, 25]);
  });

  test('takes `at` for the time before others, in milliseconds if it does not count from 1970', async () => {
    const { times } = await read(every(4, (i) => ({ time: '2020-01-01', at: i * 500, v: i })));
    expect(times()).toEqual([0, 500, 1000, 1500]);
    const seconds = await read(
      every(4, (i) => ({ uptime: i, v: i })),
      { time: 'uptime' },
    );
    expect(seconds.times()).toEqual([0, 1000, 2000, 3000]);
  });

  test('reads a date and a time of day in two fields, in a zone', async () => {
    const lines = every(3, (i) => ({ date: '31.07.2024', time: `1${i}:30`, v: i }));
    const { times } = await read(lines, { zone: 'Europe/Berlin' });
    expect(times()).toEqual(every(3, (i) => Date.UTC(2024, 6, 31, 8 + i, 30)));
  });

  test('sorts rows, drops duplicates, and refuses the rows of several series with what tells them apart', async () => {
    const rows = every(60, (i) => ({ at: newYear + Math.floor(i / 2) * MINUTE, pump: i % 2 ? 'b' : 'a', v: i }));
    await expect(read(rows)).rejects.toThrow(gatecastError('invalid-data', /one series in the input but .*pump/));
    const { times, column, notes } = await read([...rows, rows[4]!].toReversed(), { by: 'pump' });
    expect(times('a')).toEqual(every(30, (i) => newYear + i * MINUTE));
    expect(column('v', 'b')).toEqual(every(30, (i) => 2 * i + 1));
    expect(notes.length).toBeGreaterThan(0);
    await expect(read([...rows].toReversed(), { by: 'pump', order: 'refuse' })).rejects.toThrow(/order/);
  });

  test('names the fields of objects in a line; `values` only wraps', async () => {
    const { tables } = await read([{ values: { a: 1 }, air: { temp: 2, deep: { x: 1 } }, list: [1] }, { a: 3 }]);
    const table = tables.get('')!;
    expect(table.names).toEqual(['a', 'air.temp']);
    expect(table.columns.map((column) => [...column])).toEqual([
      [1, 3],
      [2, Number.NaN],
    ]);
  });

  test.each([
    ['half a line', ['{"a":1}', '{"a":'], /^Expected JSON for line 2 of the input but received/],
    ['a list of values', ['{"a":1}', '[1,2]'], /^Expected an object for line 2/],
    ['nothing', [''], /^Expected lines of JSON in the input but found none\.$/],
    [
      'a date that may be two days',
      ['{"time":"01/02/2024 1:00","a":1}', '{"time":"01/02/2024 2:00","a":2}'],
      /--time-format/,
    ],
    ['HTML', ['<!doctype html>'], /^Expected NDJSON but the input holds HTML/],
  ])('refuses %s', async (_, lines, message) => {
    await expect(read(lines)).rejects.toThrow(gatecastError('invalid-data', message));
  });

  test('a line without an end is refused when it is too long, wherever it begins', async () => {
    async function* endless() {
      yield Buffer.from('{"a":1}\n{"a":"');
      for (;;) yield Buffer.alloc(2 ** 16, '7');
    }
    const series = ndjsonSeries(endless(), { maxLineBytes: 1_000_000 });
    await expect(gather(series)).rejects.toThrow(
      gatecastError('invalid-data', /^Expected at most 1000000 bytes in line 2 of the input but it is longer\.$/),
    );
  });

  test('says how it is written', async () => {
    const text = every(5, (i) => JSON.stringify({ ts: newYear / 1000 + 60 * i, v: `${i},5` })).join('\n');
    expect(await inspectNdjson(bytes(text))).toMatchObject({
      rows: 5,
      text: { format: 'NDJSON', encoding: 'utf-8', delimiter: null, headerLine: null, decimal: ',' },
      time: { columns: ['ts'], form: 'seconds since 1970', interval: MINUTE, regular: 1 },
      columns: [
        { name: 'ts', kind: 'time' },
        { name: 'v', kind: 'number', min: 0.5, max: 4.5, missing: 0 },
      ],
    });
  });

  test.each([
    ['a list', [1, 2]],
    ['an object', { deep: { deeper: 1 } }],
    ['an empty object', {}],
  ])('says where a field of numbers holds %s, which is missing there', async (_, other) => {
    const lines = every(9, (i) => ({ t: i, u: i % 3, v: i === 4 ? other : 2 * i }));
    const { column, notes } = await read(lines);
    expect(column('v')).toEqual([0, 2, 4, 6, Number.NaN, 10, 12, 14, 16]);
    if (Array.isArray(other))
      expect(notes.join()).toMatch(/"v" is read as missing where it holds a list .* in line 5\./);
  });

  test('takes the field in values if it is beside them too, but the time', async () => {
    const lines = every(9, (i) => ({ values: { v: i, at: 7 }, at: newYear + i * MINUTE, v: -1, more: 3 * i }));
    const { column, times } = await read(lines);
    expect(times()).toEqual(every(9, (i) => newYear + i * MINUTE));
    expect([column('v'), column('more')]).toEqual([every(9, (i) => i), every(9, (i) => 3 * i)]);
  });

  test('tells keys and words of lone surrogates apart, which JSON may hold', async () => {
    const lines = every(40, (i) => `{"k":"\\ud80${i % 2}","word":"\\udc0${i % 4 < 2 ? 0 : 1}","v":${i}}`);
    const { tables } = await read(lines, { by: 'k' });
    expect([...tables.keys()]).toEqual(['\ud800', '\ud801']);
    const { columns, names, words } = tables.get('\ud801')!;
    expect(columns[names.indexOf('v')]).toEqual(Float64Array.from({ length: 20 }, (_, i) => 2 * i + 1));
    expect(words![names.indexOf('word')]).toEqual(['\udc00', '\udc01']);
    expect(columns[names.indexOf('word')]).toEqual(Float64Array.from({ length: 20 }, (_, i) => i % 2));
  });

  test('is what CSV with the same fields is, also newest first', async () => {
    const value = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { nil: null });
    const row = fc.record({
      v: value,
      on: fc.option(fc.boolean(), { nil: null }),
      kind: fc.constantFrom('x', 'y', 'z'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 8, maxLength: 30 }), async (rows) => {
        // A first row in which nothing is missing, so that no column is empty.
        const all = [{ v: 1.5, on: true, kind: 'x' }, ...rows];
        const timed = all.map((one, i) => ({ at: newYear + i * MINUTE, ...one }));
        const csv = [
          'at,v,on,kind',
          ...timed.map((one) =>
            Object.values(one)
              .map((x) => x ?? '')
              .join(','),
          ),
        ].join('\n');
        const table = (await gather(csvSeries(bytes(csv)))).get('')!;
        expect(table.at).toEqual(Float64Array.from(timed, ({ at }) => at));
        expect((await read(timed)).tables.get('')).toEqual(table);
        expect((await read(timed.toReversed())).tables.get('')).toEqual(table);
      }),
      { numRuns: 20 },
    );
  });
});
