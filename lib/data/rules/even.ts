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
  add({ at, columns }: Table): void {
    const builder = this.#builder;
    for (let row = 0; row < at!.length; row++) {
      const time = at![row]!;
      if (Number.isNaN(time)) {
        this.#untimed += 1;
        continue;
      }
      const { kind, missing } = this.#clock.take(this.#row, 0, this.#ring, 0, time);
      switch (kind) {
        case 'too-late':
        case 'suspect':
          break;
        case 'duplicate':
          this.#same.add(builder.columns, columns, row, time);
          break;
        default:
          this.#same.end(builder.columns);
          if (kind === 'reset') builder.split();
          else if (missing > 0) this.#skip(missing, time);
          builder.addRow(time, columns, row);
      }
    }
  }

  /** The rows that are complete. All of them, if no more rows are to come. */
  take(end: boolean): Segment[] {
    if (end) this.#same.end(this.#builder.columns);
    return this.#builder.take(end ? 0 : 1);
  }

  get counts(): EvenCounts {
    const { missing, duplicates, tooLate, suspects } = this.#clock.counts(this.#row, 0);
    return { untimed: this.#untimed, missing, duplicates, tooLate, suspects, segments: this.#builder.segments };
  }

  /** Adds steps without a row, at even times between the last row and the next. */
  #skip(missing: number, time: number): void {
    const { at } = this.#builder;
    const from = at.at(-1)!;
    this.#builder.expectMissing(missing, this.#interval!);
    for (let step = 1; step <= missing; step++) {
      this.#builder.addMissing(from + ((time - from) * step) / (missing + 1));
    }
  }
}
