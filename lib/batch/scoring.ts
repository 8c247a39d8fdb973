import { SeasonalDifferences } from '../accuracy/scaled.ts';
import { createBreath } from '../base/breath.ts';
import { addToHash } from '../base/noise.ts';
import { blocksOf } from '../data/blocks.ts';
import type { KeyedTable, Series } from '../data/series.ts';
import { selectColumns, type Table } from '../data/table.ts';
import { tableInputs } from '../model/ahead.ts';
import type { Scaler } from '../model/scaler.ts';
import { type EvaluatedModel, type EvaluateOptions, firstRow } from './evaluate-options.ts';
import { Lanes, type RunOptions, type Step } from './lanes.ts';
import type { ScoreBook } from './score-book.ts';
import { Tally } from './tally.ts';

/** The deviations of the targets of a series, by which errors are scaled. */
export type ScalerOf = (key: string) => Pick<Scaler, 'names' | 'std'>;

/** What is known of a series while it is scored. */
interface Scored {
  readonly tally: Tally;
  /** The deviation of each target. */
  readonly deviations: readonly number[];
}

/** What is known of the rows of a series by which errors are scaled. */
interface Before {
  /** Rows seen. */
  rows: number;
  readonly differences: readonly SeasonalDifferences[];
}

/** One run of a model over tables or series, whose scores it adds to a book. */
export class Scoring {
  readonly #model: EvaluatedModel;
  readonly #span: EvaluateOptions;
  readonly #book: ScoreBook;
  readonly #names: readonly string[];
  /** The indices of the targets among the inputs. */
  readonly #targets: readonly number[];
  readonly #scalerOf: ScalerOf;
  readonly #run: RunOptions;
  readonly #scored = new Map<string, Scored>();
  readonly #before = new Map<string, Before>();
  /** The place in the book of the first window, of which the others are counted from. */
  readonly #place: number;

  /** `place`: how many windows of each series came before, in earlier runs into the same book. */
  constructor(model: EvaluatedModel, scalerOf: ScalerOf, span: EvaluateOptions, book: ScoreBook, place = 0) {
    const { targets } = model.description;
    const { to, stride = 1 } = span;
    this.#model = model;
    this.#span = span;
    this.#book = book;
    this.#names = tableInputs(model.description);
    this.#targets = targets.map((target) => this.#names.indexOf(target));
    this.#scalerOf = scalerOf;
    this.#place = place;
    this.#run = {
      wanted: (row, { key }) => {
        const after = row + 1 - this.#firstWindow(key);
        return after >= 0 && after % stride === 0;
      },
      ...(to !== undefined && { to }),
    };
  }

  table(table: Table): void {
    const selected = { ...selectColumns(table, this.#names), key: '' };
    const lanes = new Lanes(this.#model, { ahead: this.#model.description.horizon, lanes: 1 });
    try {
      this.#look(selected);
      for (const step of lanes.run([selected], this.#run)) if (step) this.#take(step);
      this.#enter(lanes.keys);
    } finally {
      lanes.dispose();
    }
  }

  async series(series: Series): Promise<void> {
    const lanes = new Lanes(this.#model, { ahead: this.#model.description.horizon });
    const breathe = createBreath();
    try {
      for await (const block of blocksOf(series, this.#names)) {
        for (const table of block) this.#look(table);
        for (const step of lanes.run(block, this.#run)) {
          if (step) this.#take(step);
          else await breathe();
        }
      }
      this.#enter(lanes.keys);
    } finally {
      lanes.dispose();
    }
  }

  /** The row of a series that the first window begins with. */
  #firstWindow(key: string): number {
    return firstRow(this.#span, key) + (this.#span.gap ?? 0);
  }

  /** Takes the rows by whose differences errors are scaled: those before `from`, or all if there are none. */
  #look({ key, columns }: KeyedTable): void {
    const from = firstRow(this.#span, key);
    if (from === Number.POSITIVE_INFINITY) return;
    let before = this.#before.get(key);
    if (!before) {
      const differences = this.#targets.map(() => new SeasonalDifferences(this.#book.season));
      this.#before.set(key, (before = { rows: 0, differences }));
    }
    const end = from > 0 ? from : (this.#span.to ?? Number.POSITIVE_INFINITY);
    const rows = Math.max(0, Math.min(end - before.rows, columns[0]!.length));
    this.#targets.forEach((input, t) => {
      const column = columns[input]!;
      for (let row = 0; row < rows; row++) before.differences[t]!.add(column[row]!);
    });
    before.rows += rows;
  }

  #take({ lane: { key, slot }, table, index, row, forecast, last }: Step): void {
    let scored = this.#scored.get(key);
    if (!scored) {
      scored = { tally: new Tally(this.#book.shape), deviations: this.#deviations(key) };
      this.#scored.set(key, scored);
    }
    const truth = this.#targets.map((input) => table.columns[input]!);
    const lastOf = (target: number) => last(this.#targets[target]!);
    if (!scored.tally.add(forecast, truth, index, lastOf, addToHash(slot, row))) return;
    const n = this.#place + (row + 1 - this.#firstWindow(key)) / (this.#span.stride ?? 1);
    const place = { row: row + 1, at: table.at?.[index + 1] ?? Number.NaN };
    this.#book.origins?.add(n, place, forecast, truth, index, lastOf, scored.deviations);
  }

  /** The deviation of each target in a series. */
  #deviations(key: string): number[] {
    const { names, std } = this.#scalerOf(key);
    return this.#model.description.targets.map((target) => std[names.indexOf(target)]!);
  }

  /** Enters the scores of the series into the book. */
  #enter(keys: Iterable<string>): void {
    for (const key of keys) {
      const scored = this.#scored.get(key);
      if (!scored) continue;
      const scales = this.#before.get(key)!.differences.map((differences) => differences.scale());
      scored.tally.scaleBy(scored.deviations, scales);
      this.#book.add(key, scored.tally);
    }
  }
}
