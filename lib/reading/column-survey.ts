import type { MissingWords } from './missing.ts';
import { NumberSurvey } from './number-survey.ts';
import { NumericTimeSurvey } from './numeric-times.ts';
import { TimePattern } from './time-pattern.ts';
import { type DateOrder, TimeScan } from './time-scan.ts';
import { TimeSurvey } from './time-survey.ts';
import { WordSurvey } from './word-survey.ts';

/** Few numbers that repeat may be codes: so many of them are counted one by one. */
const MAX_CODES = 100;

/** Stays empty: most columns hold numbers, and need no memory for times. */
const NO_TIMES = new TimeSurvey(new TimeScan());

/** A time of day with dots, such as `18.30.00`; some of them are also dates. */
export const DOTTED_CLOCK = /^([01]?\d|2[0-4])\.([0-5]\d)\.([0-5]\d)$/;
const DOT = 46;

/** How a column's fields are looked at. */
export interface ColumnSurveyOptions {
  missing: MissingWords;
  /** The user's format of times. */
  pattern?: string | undefined;
  order?: DateOrder | undefined;
}

/** What all fields of one column are, each counted as one thing, in constant memory. */
export class ColumnSurvey {
  readonly name: string;
  readonly numbers: NumberSurvey;
  times = NO_TIMES;
  /** The same numbers as `numbers`, as times. */
  readonly numericTimes = new NumericTimeSurvey();
  /** Fields that are neither numbers nor times. */
  readonly words = new WordSurvey();
  /** The numbers as they are written, for as long as few are different. */
  readonly codes = new WordSurvey(MAX_CODES);
  missing = 0;
  /** Times of day with dots. */
  #dotted = 0;
  readonly #missing: MissingWords;
  /** What the field before was, which is tried first. */
  #likely: 'number' | 'time' | 'word';
  readonly #pattern: TimePattern | undefined;
  readonly #order: DateOrder | undefined;

  constructor(name: string, { missing, pattern, order }: ColumnSurveyOptions) {
    this.name = name;
    this.#missing = missing;
    this.numbers = new NumberSurvey(missing.numbers);
    this.#pattern = pattern === undefined ? undefined : new TimePattern(pattern);
    this.#order = order;
    this.#likely = pattern === undefined ? 'number' : 'time'; // a format may take numbers as times
  }

  /** How many fields are not missing. */
  get present(): number {
    return this.numbers.count + this.times.count + this.words.count;
  }

  /** True if all fields are times of day with dots, and not all of them are dates too. */
  get hasDottedClocks(): boolean {
    return this.#dotted > 0 && this.#dotted === this.present && this.words.count > 0;
  }

  add(field: string, line: number): void {
    if (field.charCodeAt(field.length - 3) === DOT && DOTTED_CLOCK.test(field)) this.#dotted++;
    if (this.#likely === 'word' && this.words.again(field)) return;
    if (this.#likely === 'time' && this.#addTime(field, line)) return;
    const number = this.#isGiven(field) ? 'missing' : this.numbers.add(field, line);
    if (number === true) {
      this.numericTimes.add(this.numbers.last);
      if (!this.codes.overflowed) this.codes.add(field, line);
      if (this.#pattern === undefined) this.#likely = 'number';
    } else if (number === 'missing' || this.#missing.has(field)) {
      this.missing++;
    } else if (this.#likely !== 'time' && this.#addTime(field, line)) {
      this.#likely = 'time';
    } else {
      this.words.add(field.trim(), line);
      if (this.#pattern === undefined) this.#likely = 'word';
    }
  }

  /** `read`, but NaN for the numbers that stand for missing values. */
  reader(read: (field: string) => number): (field: string) => number {
    const { numbers } = this.#missing;
    if (numbers.size === 0) return read;
    return (field) => {
      const value = read(field);
      return numbers.has(value) ? Number.NaN : value;
    };
  }

  #addTime(field: string, line: number): boolean {
    if (this.times === NO_TIMES) this.times = new TimeSurvey(this.#pattern ?? new TimeScan(), this.#order);
    return this.times.add(field, line);
  }

  #isGiven(field: string): boolean {
    return this.#missing.isGiven(field);
  }
}
