import { GatecastError } from '../base/errors.ts';
import { KeyGuess, type KeyVerdict } from '../data/rules/key-guess.ts';
import { SeriesSurvey } from '../data/rules/series-survey.ts';
import type { ColumnReading } from '../reading/column-reading.ts';
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

  /** `by`: the columns of the key; none lets the rows show which they may be. */
  constructor(table: TableReading, by: readonly number[]) {
    const { columns, time } = table;
    this.#table = table;
    this.by = by;
    this.#keys = new Keys(by);
    this.#time = time?.reader();
    this.drawn = [...columns.keys()].filter((index) => isDrawn(columns[index]!) && !by.includes(index));
    this.sketch = new Sketch(this.drawn.length);
    this.#candidates = by.length > 0 || !time ? [] : candidatesOf(columns);
    if (time && by.length === 0) this.#guess = new KeyGuess(this.#candidates.map((index) => columns[index]!.name));
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
    const holds = sameTime && all.columns.every(({ kind }, i) => kind === columns[i]!.kind);
    if (holds) this.#table = all;
    return holds;
  }
}

function isDrawn({ kind }: ColumnReading): boolean {
  return kind === 'number' || kind === 'boolean';
}

/** The likeliest first: columns with the name or the content of a key, then other words. */
function candidatesOf(columns: readonly ColumnReading[]): number[] {
  const rank = ({ kind, key, constant }: ColumnReading) => {
    if (kind === 'time' || kind === 'empty') return 3;
    return key ? 0 : kind === 'category' || kind === 'text' ? 1 : constant ? 2 : 3;
  };
  const ranked = [...columns.keys()].filter((index) => rank(columns[index]!) < 3);
  return ranked.sort((a, b) => rank(columns[a]!) - rank(columns[b]!) || a - b);
}
