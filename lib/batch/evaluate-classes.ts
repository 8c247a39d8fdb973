import { createBreath } from '../base/breath.ts';
import { describe, GatecastError, misfit } from '../base/errors.ts';
import { blocksOf } from '../data/blocks.ts';
import { type Data, isSeries, type KeyedTable, seriesOf } from '../data/series.ts';
import { columnIndex, rowCount, selectColumns, type Table } from '../data/table.ts';
import { tableInputs } from '../model/ahead.ts';
import { wordNumber } from '../model/inputs/word.ts';
import { type ClassScore, ClassTally } from './class-score.ts';
import { checkEvaluateOptions, type EvaluateOptions, firstRow } from './evaluate-options.ts';
import { checkModel, Lanes, type RollingModel, type Step } from './lanes.ts';

/**
 * Scores a forecaster of a category on every row of a table, or of each series, from which all that it tells lies
 * within rows [from, to): how often its most likely word is the true one, which words it takes for which, and how long
 * it takes to notice a change. Forecasts of a state that is not ready yet are left out, and so are rows without a word.
 *
 * Rejects with `invalid-argument` or `invalid-data` for arguments that cannot be used and if there is nothing to score,
 * and with the error that the source of the series throws.
 *
 * ```ts
 * const { accuracy, delay } = await evaluateClasses(model, table, { from: 8000 });
 * ```
 */
export async function evaluateClasses(
  model: RollingModel,
  data: Data,
  options: Omit<EvaluateOptions, 'scale'> = {},
): Promise<ClassScore> {
  checkModel(model);
  const { inputs, targets, classes, present, horizon } = model.description;
  if (classes === undefined) throw misfit('a forecaster of a category', 'model', 'one of numbers');
  const span = checkEvaluateOptions(options, 'options');
  const names = tableInputs(model.description);
  const target = targets[0]!;
  const tally = new ClassTally(classes);
  const labels = new Labels(target);
  const column = inputs.findIndex(({ name }) => name === target);
  const lanes = new Lanes(model, present ? {} : { ahead: horizon });
  const breathe = createBreath();
  const take = ({ lane: { key }, table, index, row, forecast }: Step) => {
    if (!forecast.ready) return;
    const truths = present
      ? [labels.at(key, row)]
      : Array.from({ length: horizon }, (_, step) => labels.wordOf(table.columns[column]![index + 1 + step]!));
    tally.add(key, forecast.classes!.likeliest, truths);
  };
  const run = {
    wanted: (row: number, { key }: { key: string }) => row >= firstRow(span, key) - (present ? 0 : 1),
    ...(span.to !== undefined && { to: span.to }),
  };
  try {
    for await (const block of blocksOf(isSeries(data) ? data : seriesOf(data), [...new Set([...names, target])])) {
      for (const table of block) labels.take(table);
      const read = block.map((table) => ({ ...selectColumns(table, names), key: table.key }));
      for (const step of lanes.run(read, run)) {
        if (step) take(step);
        else await breathe();
      }
    }
  } finally {
    lanes.dispose();
  }
  const score = tally.score();
  if (score.forecasts > 0) return score;
  const message = `Expected at least one row with a word in ${describe(target)} to score but found none.`;
  throw new GatecastError('invalid-data', message);
}

/** The true words of the rows of the newest block. */
class Labels {
  readonly #target: string;
  readonly #words = new Map<number, string>();
  readonly #blocks = new Map<string, { from: number; words: readonly (string | undefined)[] }>();

  constructor(target: string) {
    this.#target = target;
  }

  /** Takes the next rows of a series. Throws `invalid-data` if they hold numbers. */
  take({ key, ...table }: KeyedTable): void {
    const before = this.#blocks.get(key) ?? { from: 0, words: [] };
    const words = wordsOf(table, this.#target);
    this.#blocks.set(key, { from: before.from + before.words.length, words });
    for (const word of words) if (word !== undefined) this.#words.set(wordNumber(word), word);
  }

  /** The word of a row of a series. */
  at(key: string, row: number): string | undefined {
    const { from, words } = this.#blocks.get(key)!;
    return words[row - from];
  }

  /** The word that this is the number of. */
  wordOf(number: number): string | undefined {
    return this.#words.get(number);
  }
}

function wordsOf(table: Table, name: string): readonly (string | undefined)[] {
  const column = columnIndex(table, name);
  const words = table.words?.[column];
  if (words === undefined && rowCount(table) > 0) {
    const message = `Expected words in ${describe(name)} but the table has numbers.`;
    throw new GatecastError('invalid-data', message);
  }
  return Array.from(table.columns[column]!, (place) => words?.[place] || undefined);
}
