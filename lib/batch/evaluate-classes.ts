import { type ChangeDelays, type ClassScores, changeDelays, classScores, summaryOf } from '../accuracy/classes.ts';
import { createBreath } from '../base/breath.ts';
import { describe, GatecastError, misfit } from '../base/errors.ts';
import { blocksOf } from '../data/blocks.ts';
import { type Data, isSeries, type KeyedTable, seriesOf } from '../data/series.ts';
import { columnIndex, rowCount, selectColumns, type Table } from '../data/table.ts';
import { tableInputs } from '../model/ahead.ts';
import { wordNumber } from '../model/inputs/word.ts';
import { checkEvaluateOptions, type EvaluateOptions, firstRow } from './evaluate-options.ts';
import { checkModel, Lanes, type RollingModel, type Step } from './lanes.ts';

/** How well a category was told, over all steps of forecasts whose true word is known. */
export interface ClassEvaluation extends ClassScores {
  /** The accuracy of always telling the most frequent of the true words. */
  naive: number;
  /** The accuracy of repeating the last word; left out for a model of the present, which is not given it. */
  repeated?: number;
  /** The true words that the model has not learned, so that it is always wrong about them. */
  unseen: readonly string[];
  /** How soon changes of the true word are noticed, of the first step of forecasts, over all series. */
  delay: ChangeDelays;
  /** The last forecast of each series: how many there are, and the share of them that were right in all steps. */
  last: { series: number; accuracy: number };
}

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
  options: Pick<EvaluateOptions, 'from' | 'to'> = {},
): Promise<ClassEvaluation> {
  checkModel(model);
  if (model.description.classes === undefined) throw misfit('a forecaster of a category', 'model', 'one of numbers');
  const span = checkEvaluateOptions(options, 'options');
  const book = new ClassBook();
  await book.take(model, isSeries(data) ? data : seriesOf(data), span);
  return book.score();
}

/**
 * Why a forecaster of a category does not beat the forecast of that name, in a sentence; undefined if it does. 'last'
 * repeats the last word, 'best' is the better of that and the most frequent word.
 */
export function notBeatenClasses(score: ClassEvaluation, name: string): string | undefined {
  const { accuracy, naive, repeated } = score;
  const frequent = ['the most frequent word', naive] as const;
  const last = repeated === undefined ? undefined : (['the last word', repeated] as const);
  const better = last && last[1] > naive ? last : frequent;
  const other = name === 'best' ? better : name === 'last' ? last : undefined;
  if (other === undefined) {
    const known = last ? 'best and last' : 'best';
    return `There is no baseline ${name} to beat: it does not apply to a category here, but ${known}.`;
  }
  if (accuracy > other[1]) return undefined;
  const [own, others] = [accuracy, other[1]].map((share) => `${(100 * share).toFixed(1)}%`);
  return `The model does not beat ${other[0]}: ${own} of its words are right, not more than ${others}.`;
}

/** What forecasters of one category tell, in one run or several, and its score. */
export class ClassBook {
  readonly #courses = new Map<string, Course>();
  readonly #learned = new Set<string>();
  #target = '';

  /** Adds the forecasts of a model from the rows of a span. Throws `invalid-data` for a target of numbers. */
  async take(model: RollingModel, series: AsyncIterable<KeyedTable>, span: EvaluateOptions): Promise<void> {
    const { inputs, targets, classes = [], present, horizon } = model.description;
    const { gap = 0, stride = 1, to } = span;
    const names = tableInputs(model.description);
    const target = targets[0]!;
    this.#target = target;
    for (const word of classes) this.#learned.add(word);
    const labels = new Labels(target);
    const column = inputs.findIndex(({ name }) => name === target);
    const lanes = new Lanes(model, present ? {} : { ahead: horizon });
    const breathe = createBreath();
    const take = ({ lane: { key }, table, index, row, forecast }: Step) => {
      if (!forecast.ready) return;
      const course = this.#courses.get(key) ?? { truths: [], told: [], last: present ? undefined : [] };
      this.#courses.set(key, course);
      const wordAt = (step: number) => labels.wordOf(table.columns[column]![index + step]!);
      course.truths.push(
        present ? [labels.at(key, row)] : Array.from({ length: horizon }, (_, step) => wordAt(1 + step)),
      );
      course.told.push(forecast.classes!.likeliest);
      course.last?.push(wordAt(0) ?? course.last.at(-1));
    };
    const run = {
      wanted: (row: number, { key }: { key: string }) => {
        const after = row + (present ? 0 : 1) - (firstRow(span, key) + gap);
        return after >= 0 && after % stride === 0;
      },
      ...(to !== undefined && { to }),
    };
    try {
      for await (const block of blocksOf(series, [...new Set([...names, target])])) {
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
  }

  /** Throws `invalid-data` if there is nothing to score. */
  score(): ClassEvaluation {
    const scored = [...this.#courses.values()].filter(({ truths }) => truths.flat().some((word) => word !== undefined));
    if (scored.length > 0) return scoreOf(scored, this.#learned);
    const message = `Expected at least one row with a word in ${describe(this.#target)} to score but found none.`;
    throw new GatecastError('invalid-data', message);
  }
}

/** The forecasts of a series in order, [forecasts][steps]: the true words, and those told. */
interface Course {
  truths: (string | undefined)[][];
  told: (readonly string[])[];
  /** The last word before each forecast, [forecasts]; undefined for a model of the present. */
  last: (string | undefined)[] | undefined;
}

function scoreOf(courses: readonly Course[], learned: ReadonlySet<string>): ClassEvaluation {
  const all = (pick: (course: Course) => readonly (readonly (string | undefined)[])[]) =>
    courses.flatMap((course) => pick(course).flat());
  const score = classScores(
    all(({ truths }) => truths),
    all(({ told }) => told),
  );
  const counts = score.byClass.map(({ count }) => count);
  const words = score.classes.filter((_, c) => counts[c]! > 0) as string[];
  const firsts = (rows: readonly (readonly (string | undefined)[])[]) => rows.map((row) => row[0]);
  const delays = courses.flatMap(({ truths, told }) => {
    const first = firsts(truths);
    return first.some((word) => word !== undefined) ? changeDelays(first, firsts(told)).delays : [];
  });
  const right = courses.filter(({ truths, told }) => {
    const last = truths.findLastIndex((row) => row.some((word) => word !== undefined));
    return truths[last]!.every((word, step) => word === undefined || word === told[last]![step]);
  });
  return {
    ...score,
    naive: counts.reduce((a, b) => Math.max(a, b)) / counts.reduce((a, b) => a + b),
    ...(courses.every(({ last }) => last) && { repeated: shareRepeated(courses) }),
    unseen: words.filter((word) => !learned.has(word)),
    delay: summaryOf(delays),
    last: { series: courses.length, accuracy: right.length / courses.length },
  };
}

/** How often the last word before a forecast comes again, of all known true words. */
function shareRepeated(courses: readonly Course[]): number {
  let [known, again] = [0, 0];
  for (const { truths, last } of courses) {
    for (const [i, words] of truths.entries()) {
      for (const word of words) {
        if (word === undefined) continue;
        known += 1;
        if (word === last?.[i]) again += 1;
      }
    }
  }
  return again / known;
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
