import { families } from '../accuracy/families.ts';
import { GatecastError, misfit } from '../base/errors.ts';
import { bookFor, scalersFor } from '../batch/evaluate.ts';
import { ClassBook, type ClassEvaluation } from '../batch/evaluate-classes.ts';
import type { EvaluatedModel } from '../batch/evaluate-options.ts';
import { checkModel } from '../batch/lanes.ts';
import type { Score } from '../batch/score.ts';
import type { ScoreBook } from '../batch/score-book.ts';
import { Scoring } from '../batch/scoring.ts';
import { type Data, seriesOf } from '../data/series.ts';
import { medianInterval, rowCount, sliceRows, type Table } from '../data/table.ts';
import { type Axis, axisOf } from './axis.ts';
import { type Fit, planFits } from './fits.ts';
import type { CheckedOptions } from './options.ts';

/** The tables of a backtest, its trainings and their scores so far. */
export class Run {
  readonly fits: readonly Fit[];
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #options: CheckedOptions;
  readonly #axis: Axis;
  /** True for a table that is not a series. */
  readonly #alone: boolean;
  #book: ScoreBook | undefined;
  /** Of forecasters of a category, in place of `#book`. */
  #classes: ClassBook | undefined;
  /** What is to be scored; undefined for either. */
  readonly #wanted: 'score' | 'classes' | undefined;
  #shape = '';

  /** Throws `invalid-data` for tables that are too short. */
  constructor(
    tables: ReadonlyMap<string, Table>,
    options: CheckedOptions,
    alone: boolean,
    wanted?: 'score' | 'classes',
  ) {
    this.#wanted = wanted;
    if (tables.size === 0) {
      throw new GatecastError('invalid-data', 'Expected rows to backtest on in the series but found none.');
    }
    this.#tables = tables;
    this.#options = options;
    this.#alone = alone;
    this.#axis = axisOf([...tables.values()]);
    this.fits = planFits(this.#axis.steps, options);
  }

  /** The rows that a training learns from, in the form of the data. */
  trainingRows({ from, to }: Fit): Data {
    const rows = this.#slice((key) => [this.#rowOf(key, from), this.#rowOf(key, to)]);
    return this.#alone ? rows.get('')! : seriesOf(rows);
  }

  /** Scores a model from the origins of its training. Throws `invalid-argument` for one that is not as the others. */
  async score(model: EvaluatedModel, { origin, origins, before }: Fit): Promise<void> {
    const { gap, stride, horizon, scale } = this.#options;
    this.#check(model);
    const first = (key: string) => this.#rowOf(key, origin);
    const tables = this.#slice((key) => [0, first(key) + (origins - 1) * stride + horizon]);
    // A series without a row to learn from has nothing to be forecast from.
    const known = [...tables].filter(([key]) => first(key) > gap);
    if (known.length === 0) return;
    const from = new Map(known.map(([key]) => [key, first(key) - gap]));
    const span = { from, gap, stride, ...(scale && { scale }) };
    const keyed = known.map(([key, table]) => ({ ...table, key }));
    if (model.description.classes) {
      this.#classes ??= new ClassBook();
      await this.#classes.take(model, seriesOf(new Map(known)), span);
      return;
    }
    this.#book ??= this.#newBook(model, keyed);
    const scoring = new Scoring(model, scalersFor(model, keyed, span), span, this.#book, before);
    await scoring.series(seriesOf(new Map(known)));
  }

  /** The score of all origins, in one of both forms. Throws `invalid-data` if no window was complete. */
  result(): { score: Score } | { classes: ClassEvaluation } {
    return this.#classes ? { classes: this.#classes.score() } : { score: this.#score() };
  }

  #score(): Score {
    const book = this.#book;
    if (!book || book.windows === 0) {
      const message = `Expected at least one complete window of horizon ${this.#options.horizon} but found none.`;
      throw new GatecastError('invalid-data', message);
    }
    return this.#alone ? book.score() : book.seriesScore();
  }

  #newBook(model: EvaluatedModel, tables: readonly Table[]): ScoreBook {
    const { season, paths } = this.#options;
    const interval = tables[0] ? medianInterval(tables[0]) : null;
    return bookFor(model, interval, {
      origins: true,
      ...(season !== undefined && { season }),
      ...(paths !== undefined && { paths }),
    });
  }

  #check(model: EvaluatedModel): void {
    checkModel(model);
    const { targets, horizon, levels, classes, loss, paths } = model.description;
    if (this.#wanted && (this.#wanted === 'classes') !== (classes !== undefined)) {
      const other = classes ? ' backtestClasses() scores that.' : ' backtest() scores that.';
      const [what, found] = classes ? ['numbers', 'a category'] : ['a category', 'numbers'];
      throw misfit(`a model of ${what}`, 'the model', `one of ${found}`, other);
    }
    if (horizon !== this.#options.horizon) {
      throw misfit(`${horizon}, as in the model,`, 'options.horizon', this.#options.horizon);
    }
    const distribution = paths?.count ?? (loss !== undefined && loss in families ? loss : null);
    const shape = JSON.stringify([targets, levels, classes !== undefined, distribution]);
    if (this.#shape !== '' && shape !== this.#shape) {
      throw misfit(
        `the same targets, levels and kind of distribution for all models, ${this.#shape},`,
        'options.train',
        shape,
      );
    }
    this.#shape = shape;
  }

  /** The row of a series at a step of the axis. */
  #rowOf(key: string, step: number): number {
    return this.#axis.rowOf(this.#tables.get(key)!, step);
  }

  /** The tables that have rows in these ranges. */
  #slice(range: (key: string) => readonly [from: number, to: number]): Map<string, Table> {
    const slices = [...this.#tables].map(([key, table]) => [key, sliceRows(table, ...range(key))] as const);
    return new Map(slices.filter(([, table]) => rowCount(table) > 0));
  }
}
