import { columnIndex, type Table } from '../table.ts';
import { type Buckets, bucketsOf } from './buckets.ts';
import { categoryColumns, orderedSum } from './duplicates.ts';
import type { ResampleRule, Rules } from './rules-options.ts';
import { type Segment, SegmentBuilder } from './segments.ts';

export interface ResampleOptions {
  /** Length of a step [ms]. */
  readonly every: number;
  readonly how: Rules['how'];
  /** A longer time without a row begins a new segment [ms]. */
  readonly maxGap: number;
  readonly offsetAt: Rules['offsetAt'];
}

/**
 * Resamples the rows of a series in time order to even steps, in chunks. A step has the time at which it begins, and
 * the mean, the sum or the last of the values within it; without a value, it is missing. An interpolated value lies at
 * the beginning of the step, between the values before and after it if these are at most `maxGap` apart.
 */
export class Resampler {
  readonly #every: number;
  readonly #maxGap: number;
  readonly #how: readonly ResampleRule[];
  readonly #buckets: Buckets;
  readonly #builder: SegmentBuilder;
  /** Values in the newest step, by column. */
  readonly #values: number[][];
  /** Time and value of the newest value of each column; NaN before the first of the segment. */
  readonly #times: Float64Array;
  readonly #last: Float64Array;
  /** The number of the newest step. */
  #newest = Number.NaN;
  #latest = Number.NEGATIVE_INFINITY;
  #tooLate = 0;

  /** Throws `invalid-data` for a column of `how` that `template` lacks. */
  constructor({ every, how, maxGap, offsetAt }: ResampleOptions, template: Table) {
    this.#every = every;
    this.#maxGap = maxGap;
    this.#how = rulesByColumn(how, template);
    this.#buckets = bucketsOf(every, offsetAt);
    this.#builder = new SegmentBuilder(template);
    this.#values = template.names.map(() => []);
    this.#times = new Float64Array(template.names.length).fill(Number.NaN);
    this.#last = new Float64Array(template.names.length).fill(Number.NaN);
  }

  /** Takes the next rows of the series, all of which have times. Rows that go back are left out and counted. */
  add({ at, columns }: Table): void {
    for (let row = 0; row < at!.length; row++) {
      const time = at![row]!;
      if (time < this.#latest) {
        this.#tooLate += 1;
        continue;
      }
      this.#goTo(time);
      this.#latest = time;
      for (let column = 0; column < columns.length; column++) {
        const value = columns[column]![row]!;
        if (!Number.isNaN(value)) this.#note(column, time, value);
      }
    }
  }

  /** The rows that are complete. All of them, if no more rows are to come. */
  take(end: boolean): Segment[] {
    if (end) this.#close();
    return this.#builder.take(end ? 0 : this.#open());
  }

  /** How many of the newest steps may still get a value: the newest, and those between values to be interpolated. */
  #open(): number {
    const { at, length } = this.#builder;
    if (!this.#how.includes('interpolate')) return 1;
    const from = this.#latest - this.#maxGap - this.#every;
    let open = 1;
    while (open < length && at[length - 1 - open]! >= from) open++;
    return open;
  }

  get missing(): number {
    return this.#builder.missing;
  }

  get segments(): number {
    return this.#builder.segments;
  }

  get tooLate(): number {
    return this.#tooLate;
  }

  /** Makes the step of `time` the newest. */
  #goTo(time: number): void {
    const index = this.#buckets.indexOf(time);
    const missing = index - this.#newest - 1;
    if (missing < 0) return;
    this.#close();
    if (time - this.#latest > this.#maxGap && !Number.isNaN(this.#newest)) {
      this.#builder.split();
      this.#times.fill(Number.NaN);
      this.#last.fill(Number.NaN);
    } else if (missing > 0) {
      this.#builder.expectMissing(missing, this.#every);
      for (let step = this.#newest + 1; step < index; step++) this.#builder.addMissing(this.#buckets.startOf(step));
    }
    this.#builder.addEmpty(this.#buckets.startOf(index));
    this.#newest = index;
  }

  #note(column: number, time: number, value: number): void {
    if (this.#how[column] === 'interpolate') this.#interpolate(column, time, value);
    else this.#values[column]!.push(value);
  }

  /** Fills the steps that begin after the column's newest value, up to this one. */
  #interpolate(column: number, time: number, value: number): void {
    const { at, columns, length } = this.#builder;
    const from = this.#times[column]!;
    const last = this.#last[column]!;
    for (let place = length - 1; place >= 0; place--) {
      const start = at[place]!;
      if (start === time) columns[column]![place] = value;
      else if (!(start > from && time - from <= this.#maxGap)) break;
      else if (start < time) columns[column]![place] = last + ((value - last) * (start - from)) / (time - from);
    }
    this.#times[column] = time;
    this.#last[column] = value;
  }

  /** Completes the newest step. */
  #close(): void {
    for (const [index, values] of this.#values.entries()) {
      if (values.length === 0) continue;
      this.#builder.columns[index]![this.#builder.length - 1] = combined(values, this.#how[index]!);
      values.length = 0;
    }
  }
}

function combined(values: readonly number[], how: ResampleRule): number {
  if (how === 'last') return values.at(-1)!;
  const sum = orderedSum(values);
  return how === 'mean' ? sum / values.length : sum;
}

function rulesByColumn(how: Rules['how'], template: Table): ResampleRule[] {
  const isCategory = categoryColumns(template);
  if (typeof how !== 'string') for (const name of Object.keys(how)) columnIndex(template, name);
  return template.names.map((name, index) => {
    if (isCategory[index]) return 'last';
    return typeof how === 'string' ? how : (how[name] ?? 'mean');
  });
}
