import { describe, expect, test } from 'vitest';
import { inspectCsv } from '../../lib/adapters/csv.ts';
import { DAY, iso, MINUTE, read, readBy, refusal, rows, source, START, times, value, values } from './read-text.ts';

const COUNT = 100;
type Row = (key: number, i: number) => string;
const stacked = (keys: number, row: Row) =>
  Array.from({ length: keys }, (_, key) => rows(COUNT, (i) => row(key, i))).join('');
const interleaved = (keys: number, row: Row) =>
  rows(COUNT, (i) => Array.from({ length: keys }, (_, key) => row(key, i)).join('\n'));
const shuffled = (keys: number, row: Row) => {
  const lines = stacked(keys, row).trimEnd().split('\n');
  return lines.map((_, i) => `${lines[(i * 7919) % lines.length]}\n`).join(''); // 7919 is prime
};

describe('several series in a file', () => {
  const name = (key: number) => `s${key}`;
  test.each<[string, string, Row, string[]]>([
    ['the first column', 'series,time,temp', (k, i) => `${name(k)},${iso(i)},${value(i) + 100 * k}`, ['series']],
    [
      'Nixtla',
      'unique_id,ds,y',
      (k, i) => `${name(k)},${iso(i, DAY).slice(0, 10)},${value(i) + 100 * k}`,
      ['unique_id'],
    ],
    [
      'numbers of stations',
      'time,station_id,y',
      (k, i) => `${iso(i)},${101 + k},${value(i) + 100 * k}`,
      ['station_id'],
    ],
    [
      'numbers under another name',
      'Branch,Date,Sales',
      (k, i) => `${k + 1},${iso(i, DAY).slice(0, 10)},${value(i) + 100 * k}`,
      ['Branch'],
    ],
    [
      'a long table of a data base',
      'time;_field;_value',
      (k, i) => `${iso(i)};${['temp', 'hum', 'co2'][k]};${value(i) + 100 * k}`,
      ['_field'],
    ],
    [
      'tags of a plant',
      'TagName;Zeitstempel;Wert',
      (k, i) => `T${k};${iso(i).slice(0, 19)};${String(value(i) + 100.5 * k).replace('.', ',')}`,
      ['TagName'],
    ],
    ['years of countries', 'Country,Year,Population', (k, i) => `${name(k)},${1900 + i},${1000 * k + i}`, ['Country']],
    [
      'store and department',
      'Store,Dept,Date,Sales',
      (k, i) => `${1 + (k % 2)},${1 + (k >> 1)},${iso(i, 7 * DAY).slice(0, 10)},${value(i) + 100 * k + i}`,
      ['Store', 'Dept'],
    ],
    [
      'a grid',
      'time,lat,lon,t2m',
      (k, i) => `${iso(i)},${50 + (k % 2) / 4},${8 + (k >> 1) / 4},${value(i) + k + i}`,
      ['lat', 'lon'],
    ],
  ])('%s', async (_, header, row, by) => {
    const keys = by.length === 2 ? 4 : 3;
    for (const order of [stacked, interleaved, shuffled]) {
      const text = `${header}\n${order(keys, row)}`;
      const column = by.length === 2 ? `columns "${by[0]}" and "${by[1]}" split` : `column "${by[0]}" splits`;
      expect(await refusal(text)).toMatch(
        new RegExp(
          `^Expected the rows of one series in the input but times .*; the ${column} the rows into ${keys} series .*: use --by ${by.join(',')}\\.$`,
        ),
      );
      expect((await inspectCsv(source(text))).notes.at(-1)).toMatch(new RegExp(`: use --by ${by.join(',')}\\.$`));
    }
    const tables = Object.values(await readBy(`${header}\n${shuffled(keys, row)}`, by));
    const alone = await readBy(`${header}\n${stacked(keys, row)}`, by);
    expect(tables).toHaveLength(keys);
    expect(new Set(tables.map((each) => JSON.stringify(each)))).toEqual(
      new Set(Object.values(alone).map((each) => JSON.stringify(each))),
    );
    for (const { at } of tables) expect(at).toHaveLength(COUNT);
  });

  test('series whose rows take turns, each at times of its own', async () => {
    const text = `entity_id,state,last_changed\n${interleaved(3, (k, i) => `sensor.${'abc'[k]},${value(i) + 100 * k},${new Date(START + i * MINUTE + 17_000 * k).toISOString()}`)}`;
    expect(await refusal(text)).toBe(
      'Expected the rows of one series in the input but the column "entity_id" takes turns between 3 values: use --by entity_id for a ' +
        'series of each, or --past entity_id if it is an input of one series.',
    );
    const tables = await readBy(text, 'entity_id');
    expect(tables['sensor.b']).toMatchObject({
      columns: { state: values(COUNT).map((one) => one + 100) },
      at: times(COUNT).map((time) => time + 17_000),
    });
    const { at, columns } = await read(text, { roles: { state: 'target', entity_id: 'past' } });
    expect(at).toHaveLength(3 * COUNT);
    expect(columns['entity_id']!.slice(0, 4)).toEqual([0, 1, 2, 0]);
  });

  test('a device that was replaced is one series', async () => {
    const { at } = await read(`device_id,time,y\n${rows(COUNT, (i) => `${i < 40 ? 'old' : 'new'},${iso(i)},${i}`)}`);
    expect(at).toEqual(times(COUNT));
  });

  test('a few rows out of order are one series, though a column that is mostly empty would split them', async () => {
    const moved = [5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4];
    const text = `time,y,note\n${rows(moved.length, (i) => `${iso(moved[i]!)},${moved[i]},${moved[i]! < 5 ? 'x' : ''}`)}`;
    const { at, columns } = await read(text, { roles: { y: 'target' } });
    expect(at).toEqual(times(moved.length));
    expect(columns['y']).toEqual(moved.toSorted((a, b) => a - b));
  });

  test('keys of two columns', async () => {
    const tables = await readBy(
      `site,sensor,time,y\n${stacked(4, (k, i) => `${'ab'[k % 2]}/1,${k >> 1},${iso(i)},${value(i) + k}`)}`,
      ['site', 'sensor'],
    );
    expect(Object.keys(tables)).toEqual(['a\\/1/0', 'b\\/1/0', 'a\\/1/1', 'b\\/1/1']);
    expect(tables['b\\/1/1']!.columns).toEqual({ y: values(COUNT).map((one) => one + 3) });
  });

  test('rows of which most repeat a time, and no column says why', async () => {
    const text = `time,y\n${stacked(3, (k, i) => `${iso(i)},${value(i) + 100 * k}`)}`;
    expect(await refusal(text)).toBe(
      'Expected one row for each time in the input but 67 % of the rows repeat the time of another: --duplicates first, last or mean ' +
        'keeps one row for each time, --every 1m makes one for each step.',
    );
    expect((await read(text, { duplicates: 'first' })).columns).toEqual({ y: values(COUNT) });
  });
});

describe('order and duplicates', () => {
  const minutes = (order: (i: number) => number, more = '') =>
    `time,y\n${rows(COUNT, (i) => `${iso(order(i))},${order(i)}`)}${more}`;
  const all = Array.from({ length: COUNT }, (_, i) => i);

  test.each<[string, (i: number) => number, string]>([
    ['newest first', (i) => COUNT - 1 - i, 'The rows are newest first; they were read from the oldest on.'],
    ['shuffled', (i) => (i * 7) % COUNT, '84 of 100 rows came after a later one; they were put in time order.'],
    [
      'the halves changed over',
      (i) => (i + COUNT / 2) % COUNT,
      '50 of 100 rows came after a later one; they were put in time order.',
    ],
    [
      'two rows changed over',
      (i) => (i === 5 ? 6 : i === 6 ? 5 : i),
      '1 of 100 rows came after a later one; they were put in time order.',
    ],
  ])('%s', async (_, order, note) => {
    expect(await read(minutes(order))).toMatchObject({ at: times(COUNT), columns: { y: all }, notes: [note] });
    expect(await refusal(minutes(order), { order: 'refuse' })).toMatch(
      /^Expected rows in time order in the input but row \d+ is the first that goes back: /,
    );
  });

  test('duplicates by the rule', async () => {
    const text = minutes((i) => i, `${iso(5)},99\n${iso(5)},103\n${iso(7)},\n`);
    const with5 = (y: number) => all.map((i) => (i === 5 ? y : i));
    expect(await read(text)).toMatchObject({ at: times(COUNT), columns: { y: all } });
    expect((await read(text, { duplicates: 'last' })).columns).toEqual({ y: with5(103).with(7, Number.NaN) });
    expect((await read(text, { duplicates: 'mean' })).columns).toEqual({ y: with5((5 + 99 + 103) / 3) });
    expect(await refusal(text, { duplicates: 'refuse' })).toMatch(/received a second one at 2024-01-20T00:05:00\.000Z/);
    expect((await read(text)).notes.at(-1)).toBe(
      '3 rows repeat the step of another; the first row of each step was kept.',
    );
  });

  // of rows that are newest first, the later one in the file is the first
  test.each<[string, (i: number) => number, number, number]>([
    ['newest first', (i) => COUNT - 1 - i, 0.5, 0],
    ['shuffled', (i) => (i * 7) % COUNT, 0, 0.5],
  ])('duplicates in rows that are %s', async (_, order, first, last) => {
    const sent = `time,y\n${rows(COUNT, (i) => `${iso(order(i))},${order(i)}\n${iso(order(i))},${order(i) + 0.5}`)}`;
    for (const [duplicates, more] of [
      ['first', first],
      ['mean', 0.25],
      ['last', last],
    ] as const) {
      const { at, columns } = await read(sent, { duplicates });
      expect({ at, columns }).toEqual({ at: times(COUNT), columns: { y: all.map((i) => i + more) } });
    }
  });

  test('a false time does not put other rows out of order', async () => {
    const text = minutes((i) => i).replace(iso(50), '2099-01-01T00:00:00.000Z');
    const { columns, notes } = await read(text, { order: 'refuse' });
    expect(columns).toEqual({ y: all.filter((i) => i !== 50) });
    expect(notes).toEqual(['1 row was left out because of times far from all others: 2099-01-01T00:00:00.000Z.']);
  });
});

describe('every', () => {
  // A row in each minute, somewhere within it.
  const late = (i: number) => ((i * 37) % 50) * 1000;
  const text = `time,temp,rain\n${rows(COUNT, (i) => `${new Date(START + i * MINUTE + late(i)).toISOString()},${i},1`)}`;
  const fives = Array.from({ length: COUNT / 5 }, (_, k) => k);

  test('a mean, a sum, the last of the step, and the value at its start', async () => {
    const at = fives.map((k) => START + 5 * k * MINUTE);
    expect(await read(text, { every: '5m', how: { rain: 'sum' } })).toMatchObject({
      at,
      columns: { temp: fives.map((k) => 5 * k + 2), rain: fives.map(() => 5) },
    });
    expect((await read(text, { every: '5m', how: 'last' })).columns['temp']).toEqual(fives.map((k) => 5 * k + 4));
    const { temp } = (await read(text, { every: '5m', how: { temp: 'interpolate' } })).columns;
    // between the rows before and after each start
    const between = (k: number) => {
      const [a, b] = [5 * k - 1, 5 * k];
      const [from, to] = [a * MINUTE + late(a), b * MINUTE + late(b)];
      return a + (5 * k * MINUTE - from) / (to - from);
    };
    for (const k of fives.slice(1)) expect(temp![k]).toBeCloseTo(between(k), 9);
  });
});
