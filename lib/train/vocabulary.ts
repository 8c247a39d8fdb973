import { columnIndex } from '../data/table.ts';
import { describe, GatecastError } from '../base/errors.ts';
import { MAX_WORD, MAX_WORDS } from '../model/inputs/inputs.ts';
import type { InputDescription } from '../model/model.ts';
import type { SeriesRows } from './plan.ts';

/** The words of a category that a model learns. */
export interface Vocabulary {
  readonly words: readonly string[];
  /** The share of each word in the training rows that have one of them. */
  readonly shares: readonly number[];
}

/**
 * The words of a column in the training rows of all series, sorted, so that the order of rows changes nothing; of more
 * than 256 the most frequent. Undefined for a column of numbers. Throws `invalid-data` for a category without a word.
 */
export function vocabularyOf(series: readonly SeriesRows[], name: string): Vocabulary | undefined {
  const counts = countWords(series, name);
  if (counts === undefined) return undefined;
  if (counts.size === 0) {
    throw new GatecastError('invalid-data', `Expected at least one word in ${describe(name)} but found none.`);
  }
  const byWord = (a: readonly [string, number], b: readonly [string, number]) => (a[0] < b[0] ? -1 : 1);
  const sorted = [...counts].sort(byWord);
  const kept = sorted
    .sort((a, b) => b[1] - a[1])
    .slice(0, MAX_WORDS)
    .sort(byWord);
  const total = kept.reduce((sum, [, count]) => sum + count, 0);
  return { words: kept.map(([word]) => word), shares: kept.map(([, count]) => count / total) };
}

/** A sentence on the words of a category that are too rare to be learned; undefined if there are none. */
export function rareWords(series: readonly SeriesRows[], { name, words }: InputDescription): string | undefined {
  if (words?.length !== MAX_WORDS) return undefined;
  const counts = countWords(series, name)!;
  if (counts.size === MAX_WORDS) return undefined;
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const learned = words.reduce((sum, word) => sum + counts.get(word)!, 0);
  return (
    `${name} has ${counts.size} words: the ${MAX_WORDS} most frequent are learned, the others, in ${all - learned} of ` +
    `${all} rows, count as never seen.`
  );
}

/** How often each word occurs in the training rows; undefined for a column of numbers. */
function countWords(series: readonly SeriesRows[], name: string): Map<string, number> | undefined {
  const counts = new Map<string, number>();
  let isCategory = false;
  for (const { table, offset, training } of series) {
    const column = columnIndex(table, name);
    const words = table.words?.[column];
    if (words === undefined) continue;
    isCategory = true;
    for (let row = 0; row < training.to - offset; row++) {
      const word = words[table.columns[column]![row]!];
      if (word !== undefined && word !== '' && word.length <= MAX_WORD) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return isCategory ? counts : undefined;
}
