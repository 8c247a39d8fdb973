import type { ArrivalKind } from '../../time/arrival.ts';
import { StepClock } from '../../time/step-clock.ts';
import type { Table } from '../table.ts';
import { categoryColumns, StepRows } from './duplicates.ts';
import type { DuplicateRule } from './rules-options.ts';
import { type Segment, SegmentBuilder } from './segments.ts';

export interface EvenOptions {
  /** Time between steps [ms]; null to take rows as they come. */
  readonly interval: number | null;
  /** A longer time without a row begins a new segment [ms]. */
  readonly maxGap: number;
  readonly duplicates: DuplicateRule;
}

/** How often each thing happened. */
export interface EvenCounts {
  /** Rows left out because they have no time. */
  readonly untimed: number;
  /** Steps without a row. */
  readonly missing: number;
  /** Further rows of a step that has one. */
  readonly duplicates: number;
  /** Rows left out because they are earlier than the one before them. */
  readonly tooLate: number;
  /** Rows left out because their time was too far ahead to be believed. */
  readonly suspects: number;
  readonly segments: number;
}

/**
 * Puts the rows of a series in time order on an even grid, in chunks: a row near its place is taken as it is, and a
 * step without a row becomes one of missing values. The clock of a live stream decides, without lateness and with
 * `maxGap` as its `resetAfter`, so that a file has the same steps as a live stream of its rows. The first two rows
 * after a longer gap are therefore left out: a single stamp so far ahead may be false.
 */
export class Evener {
  readonly #clock: StepClock;
  readonly #row: Float64Array;
  readonly #ring: Float64Array;
  readonly #interval: number | null;
  readonly #same: StepRows;
  readonly #builder: SegmentBuilder;
  #untimed = 0;

  constructor({ interval, maxGap, duplicates }: EvenOptions, template: Table) {
    this.#clock = new StepClock({ interval, resetAfter: Number.isFinite(maxGap) ? maxGap : null });
    this.#row = new Float64Array(this.#clock.size);
    this.#ring = new Float64Array(this.#clock.ringSize);
    this.#clock.reset(this.#row, 0);
    this.#interval = interval;
    this.#same = new StepRows(duplicates, categoryColumns(template));
    this.#builder = new SegmentBuilder(template);
  }

  /** Takes the next rows of the series. */
  add(table: Table): void {
    const at = table.at!;
    let from = 0; // the rows from here to the current one are to be added as they are
    for (let row = 0; row < at.length; row++) {
      const time = at[row]!;
      if (!Number.isNaN(time)) {
        const { kind, missing } = this.#clock.take(this.#row, 0, this.#ring, 0, time);
        if ((kind === 'next' || kind === 'first' || kind === 'rebase') && missing === 0) continue;
        this.#addRows(table, from, row);
        from = row + 1;
        this.#place(table, row, kind, missing);
      } else {
        this.#untimed += 1;
        this.#addRows(table, from, row);
        from = row + 1;
      }
    }
    this.#addRows(table, from, at.length);
  }

  /** The rows that are complete. All of them, if no more rows are to come. */
  take(end: boolean): Segment[] {
    if (end) this.#same.end(this.#builder);
    return this.#builder.take(end ? 0 : 1);
  }

  get counts(): EvenCounts {
    const { missing, duplicates, tooLate, suspects } = this.#clock.counts(this.#row, 0);
    return { untimed: this.#untimed, missing, duplicates, tooLate, suspects, segments: this.#builder.segments };
  }

  /** Takes a row that is not simply the next. */
  #place(table: Table, row: number, kind: ArrivalKind, missing: number): void {
    if (kind === 'too-late' || kind === 'suspect') return;
    if (kind === 'duplicate') return this.#same.add(this.#builder, table, row);
    this.#same.end(this.#builder);
    if (kind === 'reset') this.#builder.split();
    else this.#skip(missing, table.at![row]!);
    this.#builder.addRows(table, row, row + 1);
  }

  /** Adds rows as they are, each of another step. */
  #addRows(table: Table, from: number, to: number): void {
    if (from === to) return;
    this.#same.end(this.#builder);
    this.#builder.addRows(table, from, to);
  }

  /** Adds steps without a row, at even times between the last row and the next. */
  #skip(missing: number, time: number): void {
    const builder = this.#builder;
    const from = builder.at[builder.length - 1]!;
    builder.expectMissing(missing, this.#interval!);
    for (let step = 1; step <= missing; step++) builder.addMissing(from + ((time - from) * step) / (missing + 1));
  }
}
