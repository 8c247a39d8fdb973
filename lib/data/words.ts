import { describe, GatecastError } from '../base/errors.ts';

/** The words of each column of a table; undefined for a column of numbers. */
export type Words = readonly (readonly string[] | undefined)[];

/** All words of some columns, sorted; undefined if they hold numbers. Throws `invalid-data` if only some hold words. */
export function joinWords(columns: Words, name: string): readonly string[] | undefined {
  const [first] = columns;
  if (columns.every((words) => words === first)) return first;
  const lists = columns.filter((words) => words !== undefined);
  if (lists.length < columns.length) {
    throw new GatecastError('invalid-data', `Expected words in all of ${describe(name)}, or in none, but found both.`);
  }
  return [...new Set(lists.flat())].sort();
}

/** The values of a category column as places in another list of words; NaN for a word that the list lacks. */
export function recode(column: Float64Array, words: readonly string[], others: readonly string[]): Float64Array {
  if (words === others) return column;
  const places = new Map(others.map((word, place) => [word, place]));
  return mapWords(column, words, (word) => places.get(word) ?? Number.NaN);
}

/**
 * A number for each value of a category column, NaN for NaN. Throws `invalid-data` for a value that is not a place in
 * `words`.
 */
export function mapWords(
  column: Float64Array,
  words: readonly string[],
  numberOf: (word: string) => number,
): Float64Array {
  const numbers = words.map(numberOf);
  return column.map((place) => {
    const number = numbers[place];
    if (number !== undefined || Number.isNaN(place)) return number ?? Number.NaN;
    throw new GatecastError(
      'invalid-data',
      `Expected the place of a word below ${words.length} but received ${place}.`,
    );
  });
}
