import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyGuess, type KeyVerdict } from '../../lib/data/rules/key-guess.ts';
import { chance, MINUTE, START, upTo } from './rules-set-up.ts';

const time = (step: number) => START + step * MINUTE;

type Row = readonly [time: number, ...fields: string[]];

function verdict(names: readonly string[], rows: readonly Row[]): KeyVerdict {
  const guess = new KeyGuess(names);
  for (const [index, [at, ...fields]] of rows.entries()) guess.add(at, index + 2, fields);
  return guess.verdict();
}

/** A value of a column that has nothing to do with the series. */
const noise = (i: number, values: number) => String(Math.floor(chance(i + values / 7) * values));

function shuffled<T>(items: readonly T[], seed = 1): T[] {
  const keyed = items.map((item, i) => [Math.sin((i + 1) * 12.9898 * seed) * 43758.5453, item] as const);
  return keyed
    .map(([x, item]) => [x - Math.floor(x), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

describe('a file of several series', () => {
  test('series one after the other: the column that changes where the times go back', () => {
    const rows = ['A', 'B', 'C'].flatMap((id) => upTo(200).map((i): Row => [time(i), id, noise(i, 2), noise(i, 50)]));
    expect(verdict(['unique_id', 'status', 'level'], rows)).toMatchObject({
      kind: 'series',
      columns: ['unique_id'],
      series: 3,
      line: 202,
      severe: true,
      sentence:
        'times go back at line 202; the column "unique_id" splits the rows into 3 series in time order: use --by unique_id',
    });
  });

  test('series one after the other, each with some late rows', () => {
    const order = upTo(200).map((i) => (i % 50 === 20 ? i + 1 : i % 50 === 21 ? i - 1 : i));
    const rows = ['A', 'B'].flatMap((id) => order.map((i): Row => [time(i), noise(i, 3), id]));
    expect(verdict(['mode', 'id'], rows)).toMatchObject({ kind: 'series', columns: ['id'], series: 2 });
  });

  test('series one after the other, and one stamp of 2099 in the first', () => {
    const at = (id: string, i: number) => (id === 'A' && i === 77 ? Date.UTC(2099, 0, 1) : time(i));
    const rows = ['A', 'B', 'C'].flatMap((id) => upTo(200).map((i): Row => [at(id, i), id]));
    expect(verdict(['id'], rows)).toMatchObject({ kind: 'series', columns: ['id'], series: 3 });
  });

  test('rows of two devices in turn: times repeat', () => {
    const rows = upTo(300).flatMap((i) => ['n', 's'].map((device): Row => [time(i), device, noise(i, 4)]));
    expect(verdict(['device', 'state'], rows)).toMatchObject({
      kind: 'series',
      columns: ['device'],
      series: 2,
      line: 3,
      sentence: expect.stringMatching(/^times repeat at line 3; the column "device" splits the rows into 2 series/),
    });
  });

  test('rows of devices in turn whose clocks differ a little: times go back', () => {
    const rows = upTo(300).flatMap((i) =>
      upTo(4).map((d): Row => [time(i) + [0, 700, -900, 300][d]!, noise(4 * i + d, 90), `${d}`]),
    );
    expect(verdict(['humidity', 'device'], rows)).toMatchObject({ kind: 'series', columns: ['device'], series: 4 });
  });

  test.each([
    ['one after the other', (rows: Row[]) => rows],
    ['in turn', (rows: Row[]) => rows.toSorted(([a], [b]) => a - b)],
    ['newest first', (rows: Row[]) => rows.toReversed()],
  ])('two columns together, %s', (_, order) => {
    const rows = ['x', 'y'].flatMap((site) =>
      ['1', '2', '3'].flatMap((sensor) => upTo(100).map((i): Row => [time(i), site, noise(i, 5), sensor])),
    );
    expect(verdict(['site', 'mode', 'sensor'], order(rows))).toMatchObject({
      kind: 'series',
      columns: ['site', 'sensor'],
      series: 6,
      sentence: expect.stringMatching(/columns "site" and "sensor" split .* use --by site,sensor$/),
    });
  });

  test('the coarsest key is named if several columns are keys', () => {
    const rows = ['A', 'B'].flatMap((id) => upTo(200).map((i): Row => [time(i), `${id}${Math.floor(i / 50)}`, id]));
    expect(verdict(['file', 'id'], rows)).toMatchObject({ columns: ['id'], series: 2 });
  });

  test('shuffled rows: the column in which rows of the same time differ', () => {
    const rows = ['A', 'B', 'C'].flatMap((id) => upTo(200).map((i): Row => [time(i), noise(i, 30), id]));
    expect(verdict(['level', 'id'], shuffled(rows))).toMatchObject({ kind: 'series', columns: ['id'], series: 3 });
  });

  test('a column of a hundred thousand and more values is no key, and costs no more memory', () => {
    const guess = new KeyGuess(['text', 'id']);
    for (let i = 0; i < 240_000; i++) guess.add(time(Math.floor(i / 2)), i + 2, [`row ${i}`, `${i % 2}`]);
    expect(guess.verdict()).toMatchObject({ kind: 'series', columns: ['id'] });
  });
});

describe('a file of one series', () => {
  const one = (at: (i: number) => number, count = 600) =>
    upTo(count).map((i): Row => [at(i), noise(i, 2), noise(i, 100), `row ${i}`, String(i)]);
  const names = ['state', 'humidity', 'text', 'id'];

  test('in order: nothing to say', () => {
    expect(verdict(names, one(time))).toMatchObject({ kind: 'in-order', severe: false, sentence: '', rows: 0 });
    expect(verdict([], [])).toMatchObject({ kind: 'in-order', severe: false });
  });

  test('newest first', () => {
    const rows = one((i) => time(-i));
    expect(verdict(names, rows)).toMatchObject({ kind: 'newest-first', severe: false, columns: [] });
    expect(verdict(names, rows).sentence).toBe('the rows are in time order, newest first');
  });

  test('some late rows are late, whatever a column says of them', () => {
    const rows = upTo(600).map(
      (i): Row => [i % 100 === 50 ? time(i - 5) + 1 : time(i), i % 100 === 50 ? 'late' : 'ok'],
    );
    expect(verdict(['flag'], rows)).toMatchObject({
      kind: 'out-of-order',
      severe: false,
      rows: 6,
      line: 52,
      sentence: 'times go back at line 52: 6 of 600 rows are out of order',
    });
  });

  test('one stamp of 1970 or 2099 is no series of its own', () => {
    for (const year of [1970, 2099]) {
      const rows = one((i) => (i === 300 ? Date.UTC(year, 0, 1) : time(i)));
      expect(verdict(names, rows)).toMatchObject({ kind: 'out-of-order', severe: false, rows: 1 });
    }
  });

  test('rows sent twice now and then', () => {
    expect(
      verdict(
        names,
        one((i) => time(i - Math.floor(i / 200))),
      ),
    ).toMatchObject({
      kind: 'repeats',
      severe: false,
      rows: 2,
      line: 202,
      sentence: 'times repeat at line 202: 2 of 600 rows do',
    });
  });

  test('two sources without a column that tells them apart: no column is made up', () => {
    expect(
      verdict(
        names,
        one((i) => time(Math.floor(i / 2))),
      ),
    ).toMatchObject({ kind: 'repeats', severe: true, rows: 300 });
    expect(
      verdict(
        names,
        one((i) => time(i % 300)),
      ),
    ).toMatchObject({ kind: 'out-of-order', severe: true, line: 302 });
  });

  test('shuffled rows have no key', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
        const found = verdict(names, shuffled(one(time), seed));
        expect(found).toMatchObject({ kind: 'out-of-order', severe: true, columns: [] });
      }),
      { numRuns: 30 },
    );
  });
});

test('a row without a time says nothing', () => {
  expect(
    verdict(
      ['id'],
      [
        [Number.NaN, 'a'],
        [time(0), 'a'],
        [Number.NaN, 'b'],
        [time(1), 'a'],
      ],
    ).kind,
  ).toBe('in-order');
});
