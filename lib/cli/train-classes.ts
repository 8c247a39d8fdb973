import { type ClassEvaluation, evaluateClasses } from '../batch/evaluate-classes.ts';
import { describe } from '../base/errors.ts';
import { seriesOf } from '../data/series.ts';
import { sliceRows } from '../data/table.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import type { Span } from '../train/windows.ts';
import type { Tables } from './input.ts';

/** How well a category is told on the test rows; undefined if there are none. */
export async function measureClasses(
  model: TrainedModel,
  tables: Tables,
  tests: ReadonlyMap<string, Span>,
): Promise<ClassEvaluation | undefined> {
  const tested = [...tests].filter(([, { from, to }]) => to > from);
  if (tested.length === 0) return undefined;
  const ends = new Map([...tables].map(([key, table]) => [key, sliceRows(table, 0, tests.get(key)!.to)]));
  return evaluateClasses(model, seriesOf(ends), { from: new Map(tested.map(([key, { from }]) => [key, from])) });
}

/** The scores as lines: a word to a line. `title` says what rows they are of. */
export function describeClasses(score: ClassEvaluation, title: string): string[] {
  const { accuracy, naive, repeated, classes, byClass, confusion, unseen, delay, last } = score;
  const words = classes.flatMap((word, c) => {
    const { count, recall, precision } = byClass[c]!;
    if (count === 0) return [];
    const others = confusion[c]!.map((times, k) => (k === c ? 0 : times));
    const most = others.reduce((best, times, k) => (times > others[best]! ? k : best), 0);
    const taken = others[most]! > 0 ? `, else mostly ${describe(classes[most])}` : '';
    const found = `found ${percent(recall)}${taken}; right when told ${percent(precision)}`;
    return [`  ${describe(word)}: ${count} times, ${found}`];
  });
  const times = `${delay.found} of ${delay.changes} changes noticed, after ${delay.mean.toFixed(1)} rows on average`;
  return [
    `${title}: ${percent(accuracy)} right; always telling the most frequent word ${percent(naive)}` +
      `${repeated === undefined ? '' : `, repeating the last word ${percent(repeated)}`}.`,
    ...words,
    ...(last.series > 1 ? [`After the last row of ${last.series} series: ${percent(last.accuracy)} right.`] : []),
    ...(delay.changes > 0 ? [`${times}.`] : []),
    ...(unseen.length > 0 ? [`Not among the training rows: ${unseen.map(describe).join(', ')}.`] : []),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
