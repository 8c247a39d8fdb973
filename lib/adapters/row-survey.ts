import { GatecastError } from '../base/errors.ts';
import { KeyGuess, type KeyVerdict } from '../data/rules/key-guess.ts';
import { SeriesSurvey } from '../data/rules/series-survey.ts';
import type { ColumnReading } from '../reading/column-reading.ts';
import { mentionsDate, mentionsKey } from '../reading/names.ts';
import { Sketch } from '../reading/sketch.ts';
import type { TableReading } from '../reading/table-survey.ts';
import type { RowTimes } from '../reading/time-reading.ts';
import { Keys } from './keys.ts';

/** What the rows of a table say once it is known how its fields are read: their order, their series, their course. */
export class RowSurvey {
  /** The columns that are drawn. */
  readonly drawn: readonly number[];
  readonly series = new SeriesSurvey();
  readonly sketch: Sketch;
  readonly by: readonly number[];
  readonly #keys: Keys;
  #table: TableReading;
  readonly #time: RowTimes | undefined;
  readonly #guess: KeyGuess | undefined;
  readonly #candidates: readonly number[];
  readonly #own: string[] = [];
  #failed = false;

  /**
   * `by`: the columns of the key; none lets the rows show which they may be. `wanted`: the columns that are inputs.
   */
  constructor(table: TableReading, by: readonly number[], wanted: readonly string[] = []) {
    const { columns, time } = table;
    this.#table = table;
    this.by = by;
    this.#keys = new Keys(by);
    this.#time = time?.reader();
    this.drawn = [...columns.keys()].filter((index) => isDrawn(columns[index]!) && !by.includes(index));
    this.sketch = new Sketch(this.drawn.length);
    this.#candidates = by.length > 0 || !time ? [] : candidatesOf(columns, wanted);
    if (time && by.length === 0) {
      const ranked = this.#candidates.map((index) => columns[index]!);
      const other = ranked.findIndex((column) => !isNamedKey(column) || wanted.includes(column.name));
      this.#guess = new KeyGuess(
        ranked.map(({ name }) => name),
        other < 0 ? ranked.length : other,
      );
    }
  }

  /** Takes the next row. A field that does not fit the reading ends the survey: it then fits no other either. */
  add(fields: readonly string[], line: number): void {
    if (this.#failed) return;
    try {
      const key = this.#keys.of(fields);
      const time = this.#time?.read(fields, key) ?? Number.NaN;
      this.series.add(key, time, line);
      if (this.#guess) {
        for (let i = 0; i < this.#candidates.length; i++) this.#own[i] = fields[this.#candidates[i]!]!;
        this.#guess.add(time, line, this.#own);
      }
      this.sketch.add((i) => this.#table.columns[this.drawn[i]!]!.read(fields[this.drawn[i]!]!));
    } catch (error) {
      if (!(error instanceof GatecastError)) throw error;
      this.#failed = true;
    }
  }

  /** What the times say of the series; undefined if the key was given or there are no times. */
  verdict(): KeyVerdict | undefined {
    return this.#guess?.verdict();
  }

  get table(): TableReading {
    return this.#table;
  }

  /** Takes the reading of all rows in place of that of some, if what was seen by it holds. */
  settle(all: TableReading): boolean {
    if (this.#failed) return false;
    const { time: before, columns } = this.#table;
    const { time } = all;
    const sameTime =
      before?.form === time?.form &&
      before?.zone === time?.zone &&
      before?.descending === time?.descending &&
      before?.columns.join() === time?.columns.join();
    const holds = sameTime && all.columns.every((column, i) => isReadAs(column, columns[i]!));
    if (holds) this.#table = all;
    return holds;
  }
}

/** Whether two readings give the same number for each field that both can read. */
function isReadAs(one: ColumnReading, other: ColumnReading): boolean {
  const isComma = ({ form }: ColumnReading) => form?.decimal === ',';
  return one.kind === other.kind && isComma(one) === isComma(other);
}

function isDrawn({ kind }: ColumnReading): boolean {
  return kind === 'number' || kind === 'boolean';
}

/** True for a key by its name, but not for the day of a row in words, which is called `Tag` in German. */
function isNamedKey({ name, key, kind }: ColumnReading): boolean {
  return key && mentionsKey(name) && !mentionsDate(name) && (kind === 'category' || kind === 'number');
}

/**
 * The likeliest first: keys by their names, then words, then few numbers. A column of which most fields are missing is
 * none.
 */
function candidatesOf(columns: readonly ColumnReading[], wanted: readonly string[]): number[] {
  const rank = (column: ColumnReading) => {
    const { name, kind, key, constant, repeats, missing, present } = column;
    if (kind === 'time' || kind === 'empty' || missing > present) return 4;
    if (isNamedKey(column)) return 0;
    return key || kind === 'category' || kind === 'text' ? 1 : constant ? 2 : repeats && !wanted.includes(name) ? 3 : 4;
  };
  const ranked = [...columns.keys()].filter((index) => rank(columns[index]!) < 4);
  return ranked.sort((a, b) => rank(columns[a]!) - rank(columns[b]!) || a - b);
}
