import { describe, optionText } from '../../base/errors.ts';
import { Extremes } from './extremes.ts';
import { SplitCount } from './split-count.ts';
import { TimeSample } from './time-sample.ts';

/** Columns that are tried alone, and in pairs. */
const MOST_COLUMNS = 16;
const MOST_PAIRED = 6;
/** A column that has changed so often while the times of all rows are in order is no key, unless it is called one. */
const IN_ORDER = 100;
/** Pairs that do not help are given up after so many rows. */
const REVIEW = 65_536;
/** Rows out of order that a series may have, as a share. */
const FEW = 0.05;
/** A key leaves at most this share of the disorder. */
const LEFT = 0.1;
/** Rows out of order that a random column would leave by chance; fewer are no evidence. */
const EVIDENCE = 3;
/** A key by its name changes at least so often, as a share of the rows, between the series of rows in time order. */
const CHANGES = 0.05;
/** Rows of the same time, as a share of all, from which on several series are suspected though no order shows them. */
const MANY_REPEATS = 0.2;

/** What the times of a file say about its series. */
export interface KeyVerdict {
  /**
   * - `in-order`: one series, each row later than the one before.
   * - `newest-first`: one series in reverse order.
   * - `series`: `columns` split the rows into series.
   * - `repeats`: times repeat, but never go back.
   * - `out-of-order`: times go back, and no column explains it.
   */
  readonly kind: 'in-order' | 'newest-first' | 'series' | 'repeats' | 'out-of-order';
  /** The names of the columns that make the key. */
  readonly columns: readonly string[];
  /** How many series they make. */
  readonly series: number;
  /** Rows whose time repeats or goes back, and the line of the first. */
  readonly rows: number;
  readonly line: number | undefined;
  /**
   * True if this is more than some late rows or rows that were sent twice: the rows are probably those of several
   * series, or files, one after the other.
   */
  readonly severe: boolean;
  /** Rows that have the time of an earlier row, as a share of all. */
  readonly repeated: number;
  /** One sentence without a full stop; empty for `in-order`. */
  readonly sentence: string;
}

/** A split of the rows by the values of one column or two. */
interface Split {
  readonly columns: readonly number[];
  readonly count: Pick<SplitCount<unknown>, 'series' | 'coincidence' | 'disorder'>;
}

interface Pair extends Split {
  readonly columns: readonly [number, number];
  readonly count: SplitCount<number>;
}

type Found = Pick<KeyVerdict, 'columns' | 'series' | 'sentence'>;

/**
 * Finds the columns that split the rows of a file into series, while the rows pass in the order of the file, in bounded
 * memory. A column is such a key if the times of each of its values are in order while those of the file are not, or if
 * rows of the same time always differ in it.
 */
export class KeyGuess {
  readonly #names: readonly string[];
  readonly #named: number;
  /** How often the value changes from row to row, by column. */
  readonly #changes: number[];
  readonly #all = new SplitCount<number>();
  readonly #extremes = new Extremes();
  readonly #sample = new TimeSample();
  /** Counts for the columns alone; undefined if a column has too many values. */
  readonly #single: (SplitCount<string> | undefined)[];
  /** The number of the series of the newest row, by column. */
  readonly #slots: number[];
  #pairs: Pair[] = [];
  #rows = 0;
  #time = Number.NaN;
  /** The first lines whose time is that of the row before, earlier, and later. */
  #firstRepeat: number | undefined;
  #firstDescent: number | undefined;
  #firstAscent: number | undefined;

  /**
   * `names`: the columns that may be keys, which hold text, categories or small whole numbers, the likeliest first; the
   * first 16 are tried. `named`: how many of the first are keys by their names. They split the rows even if these are
   * in time order.
   */
  constructor(names: readonly string[], named = 0) {
    this.#names = names.slice(0, MOST_COLUMNS);
    this.#named = Math.min(named, this.#names.length);
    this.#changes = this.#names.map(() => 0);
    this.#single = this.#names.map(() => new SplitCount<string>());
    this.#slots = this.#names.map(() => 0);
    const paired = this.#names.slice(0, MOST_PAIRED);
    for (const [b] of paired.entries()) {
      for (let a = 0; a < b; a++) this.#pairs.push({ columns: [a, b], count: new SplitCount() });
    }
  }

  /**
   * Takes a row: its time [ms], its line, and its fields in the order of the names. A row without a time says nothing.
   */
  add(time: number, line: number, fields: readonly string[]): void {
    if (Number.isNaN(time)) return;
    this.#rows += 1;
    if (time === this.#time) this.#firstRepeat ??= line;
    else if (time < this.#time) this.#firstDescent ??= line;
    else if (time > this.#time) this.#firstAscent ??= line;
    this.#time = time;
    this.#all.add(0, time);
    this.#extremes.add(time, line);
    this.#sample.add(time, fields);
    for (let column = 0; column < this.#single.length; column++) {
      const count = this.#single[column];
      if (!count) continue;
      const slot = count.add(fields[column]!, time);
      if (slot !== this.#slots[column] && ++this.#changes[column]! > IN_ORDER && this.#isInOrder(column)) {
        this.#giveUp(column);
        continue;
      }
      this.#slots[column] = slot;
      if (count.isFull) this.#giveUp(column);
    }
    for (const { columns, count } of this.#pairs) {
      count.add(this.#slots[columns[0]]! * 2 ** 20 + this.#slots[columns[1]]!, time);
    }
    if (this.#rows % REVIEW === 0) this.#review();
  }

  verdict(): KeyVerdict {
    const trouble = this.#trouble();
    const { rows, line, severe, kind, words } = trouble;
    const found = severe ? (this.#byOrder() ?? this.#byRepeats()) : undefined;
    const { rows: sampled, times } = this.#sample.repeats([]);
    const repeated = sampled > 0 ? 1 - times / sampled : 0;
    const facts = { kind, columns: [], series: 1, rows, line, severe, repeated };
    const named = severe ? undefined : this.#byName();
    if (named) return { ...facts, kind: 'series', ...named };
    if (kind === 'in-order') return { ...facts, sentence: '' };
    if (found) return { ...facts, kind: 'series', ...found, sentence: `${words}; ${found.sentence}` };
    if (kind === 'newest-first') return { ...facts, sentence: words };
    const which = `${rows} of ${this.#rows} rows ${kind === 'repeats' ? 'do' : 'are out of order'}`;
    const none = severe && this.#names.length > 0 ? ', and no column splits them into series in time order' : '';
    return { ...facts, sentence: `${words}: ${which}${none}` };
  }

  /** What is wrong with the times, if all rows are one series. */
  #trouble(): Pick<KeyVerdict, 'kind' | 'rows' | 'line' | 'severe'> & { readonly words: string } {
    const { rows, newestFirst } = this.#all.disorder(Number.POSITIVE_INFINITY);
    const turn = newestFirst ? this.#firstAscent : this.#firstDescent;
    const line = earlier(this.#firstRepeat, turn);
    const severe = this.#isSevere();
    if (turn === undefined) {
      const words = newestFirst ? 'the rows are in time order, newest first' : `times repeat at line ${line}`;
      const kind = newestFirst ? 'newest-first' : line === undefined ? 'in-order' : 'repeats';
      return { kind, rows, line, severe, words };
    }
    const how = line !== turn ? 'times repeat' : newestFirst ? 'times run backwards but go forward' : 'times go back';
    return { kind: 'out-of-order', rows, line, severe, words: `${how} at line ${line}` };
  }

  #isSevere(): boolean {
    const span = this.#span();
    const { rows, jumps } = this.#all.disorder(span);
    return rows > Math.max(2, FEW * this.#rows) || jumps > span / 2;
  }

  /** The fewest series whose times are in order. */
  #byOrder(): Found | undefined {
    const single = this.#single.flatMap((count, column) => (count ? [{ columns: [column], count }] : []));
    const best = this.#best(single) ?? this.#best(this.#pairs);
    return best && this.#found(best.columns, best.count.series, 'in time order');
  }

  #best(splits: readonly Split[]): Split | undefined {
    const cost = ({ count }: Split) => count.disorder(this.#span()).rows + count.series;
    const fit = splits.filter(({ count }) => this.#explains(count));
    return fit.length === 0 ? undefined : fit.reduce((best, split) => (cost(split) < cost(best) ? split : best));
  }

  /** Whether the times of the series are in order, more than those of a column of random values would be. */
  #explains(count: Split['count']): boolean {
    if (count.series < 2 || 2 * count.series > this.#rows) return false;
    const span = this.#span();
    const all = this.#all.disorder(span);
    const left = count.disorder(span);
    if (left.rows > FEW * this.#rows) return false;
    // one series after the other: a random column would leave a jump back in each of its series
    if (all.jumps > span / 2 && left.jumps <= LEFT * all.jumps) return true;
    // one row of each series after the other: two neighbours would be in the same random series now and then
    const expected = all.rows * count.coincidence;
    return expected >= EVIDENCE && left.rows <= LEFT * expected;
  }

  /** The first column that is a key by its name and whose values take turns. */
  #byName(): Found | undefined {
    for (let column = 0; column < this.#named; column++) {
      const { series = 0 } = this.#single[column] ?? {};
      const changes = this.#changes[column]!;
      if (series < 2 || 2 * series > this.#rows || changes < CHANGES * this.#rows || changes < 2 * series) continue;
      const name = this.#names[column]!;
      const option = optionText(name);
      const sentence =
        `the column ${describe(name)} takes turns between ${series} values: use --by ${option} for a series of each, ` +
        `or --past ${option} if it is an input of one series`;
      return { columns: [name], series, sentence };
    }
    return undefined;
  }

  /** The columns in which rows of the same time always differ, though the rows are in no order. */
  #byRepeats(): Found | undefined {
    const { rows, times } = this.#sample.repeats([]);
    if (rows - times < MANY_REPEATS * rows) return undefined;
    const single = this.#names.map((_, column) => [column]);
    const columns = [...single, ...this.#pairs.map((pair) => pair.columns)].find((split) => {
      const { same, values } = this.#sample.repeats(split);
      return same <= 0.01 * rows && values >= 2 && values <= (2 * rows) / times;
    });
    return columns && this.#found(columns, this.#sample.repeats(columns).values, 'without repeated times');
  }

  #found(columns: readonly number[], series: number, how: string): Found {
    const names = columns.map((column) => this.#names[column]!);
    const which = `the column${names.length > 1 ? 's' : ''} ${names.map(describe).join(' and ')}`;
    const split = names.length > 1 ? 'split' : 'splits';
    const option = names.map(optionText).join(',');
    const sentence = `${which} ${split} the rows into ${series} series ${how}: use --by ${option}`;
    return { columns: names, series, sentence };
  }

  /** The time from the first row to the last, apart from outlying ones [ms]. */
  #span(): number {
    const { first, last } = this.#extremes.range(0);
    return first && last ? last.at - first.at : 0;
  }

  #isInOrder(column: number): boolean {
    const turned = this.#firstDescent !== undefined && this.#firstAscent !== undefined;
    return column >= this.#named && this.#firstRepeat === undefined && !turned;
  }

  /** A column with too many values is no key, alone or in a pair. */
  #giveUp(column: number): void {
    this.#single[column] = undefined;
    this.#pairs = this.#pairs.filter(({ columns }) => !columns.includes(column));
  }

  /** Gives up pairs that do not help. */
  #review(): void {
    const isSingle = this.#isSevere() && this.#single.some((count) => count && this.#explains(count));
    this.#pairs = this.#pairs.filter(({ count }) => {
      const { rows } = count.disorder(Number.POSITIVE_INFINITY);
      return !isSingle && !count.isFull && 2 * count.series <= this.#rows && rows <= FEW * this.#rows;
    });
  }
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
