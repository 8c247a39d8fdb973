import { describe, expect, test } from 'vitest';
import { gather } from '../../lib/data/series.ts';
import { SeriesBuilder } from '../../lib/data/series-builder.ts';
import { checkTable, joinTables, selectColumns, sliceRows, type Table } from '../../lib/data/table.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const table = (words: string[] | undefined, values: number[]): Table => ({
  names: ['a', 'wind'],
  columns: [new Float64Array(values.length), Float64Array.from(values)],
  words: [undefined, words],
});
const read = ({ columns, words }: Table) => [...columns[1]!].map((place) => words?.[1]?.[place]);

describe('the words of a table', () => {
  test('are selected, cut and joined with its columns', () => {
    const one = table(['N', 'S'], [1, 0, Number.NaN]);
    expect(selectColumns(one, ['wind']).words).toEqual([['N', 'S']]);
    expect(selectColumns(one, ['wind', 'a']).words).toEqual([['N', 'S'], undefined]);
    expect(read(sliceRows(one, 1, 3))).toEqual(['N', undefined]);
    const joined = joinTables([one, table(['W', 'N'], [0, 1]), table([], [Number.NaN])]);
    expect(read(joined)).toEqual(['S', 'N', undefined, 'W', 'N', undefined]);
    expect(joined.words).toEqual([undefined, ['N', 'S', 'W']]);
  });

  test.each([
    ['a hole', Object.assign(Array(2), { 1: 'N' })],
    ['a hole at the end', Object.assign(['N'], { length: 2 })],
    ['a number', ['N', 1]],
    ['the same twice', ['N', 'N']],
    ['text', 'NS'],
  ])('are refused with %s', (_, words) => {
    const wrong = /lists of different words, or undefined for numbers, for the words of the table/;
    expect(() => checkTable(table(words as string[], [0]))).toThrow(gatecastError('invalid-data', wrong));
  });

  test('of chunks may differ', async () => {
    async function* chunks() {
      yield { key: 'x', ...table(['N'], [0]) };
      yield { key: 'y', ...table(['E'], [0]) };
      yield { key: 'x', ...table(['E', 'N'], [0, 1]) };
    }
    const gathered = await gather({ [Symbol.asyncIterator]: chunks });
    expect([...gathered].map(([key, one]) => [key, read(one)])).toEqual([
      ['x', ['N', 'E', 'N']],
      ['y', ['E']],
    ]);
  });

  test('are kept by a builder, which may meet words on the way', () => {
    const wind: string[] = [];
    const builder = new SeriesBuilder({ names: ['a', 'wind'], words: [undefined, wind], timed: false });
    const add = (word: string) => builder.add('', [0, wind.includes(word) ? wind.indexOf(word) : wind.push(word) - 1]);
    for (const word of ['S', 'N', 'S']) add(word);
    const [first] = builder.take();
    add('E');
    expect([first!, ...builder.take()].map(read)).toEqual([['S', 'N', 'S'], ['E']]);
    expect(first!.words).toEqual([undefined, ['S', 'N']]);
  });

  test('are in all tables of a column or in none', () => {
    const message = /^Expected words in all of "wind", or in none, but found both\.$/;
    expect(() => joinTables([table(['N'], [0]), table(undefined, [0])])).toThrow(
      gatecastError('invalid-data', message),
    );
  });

  test.each([[[['N']]], [[undefined, ['N', 'N']]], [[undefined, [1]]], [[undefined, 'NS']], ['N']])(
    'cannot be %j',
    (words) => {
      const message = /^Expected 2 lists of different words, or undefined for numbers, for the words of the table/;
      expect(() => checkTable({ ...table(['N'], [0]), words })).toThrow(gatecastError('invalid-data', message));
    },
  );

  test('give the places of values', () => {
    const wrong = [table(['N', 'S'], [0, 2]), table(['S', 'W'], [0])];
    expect(() => joinTables(wrong)).toThrow(gatecastError('invalid-data', /^Expected the place of a word below 2 but/));
  });
});
