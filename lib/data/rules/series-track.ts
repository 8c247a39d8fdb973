import { Extremes, type Stamp } from './extremes.ts';
import { GAP_STEPS } from './rules-options.ts';
import type { Spacing } from './spacing.ts';
import { type Holes, StepTrack } from './step-track.ts';

/** After so many rows it is decided whether a series is newest first. */
const DIRECTION_AFTER = 16;

/** What is known of one series. Lines are those that the caller gave. */
export interface SeriesFacts {
  readonly key: string;
  readonly rows: number;
  /** Rows without a time. */
  readonly untimed: number;
  /** The first and the last time, apart from outlying ones; undefined without times. */
  readonly first: Stamp | undefined;
  readonly last: Stamp | undefined;
  /** True if each row is earlier than the one before it, or as early. */
  readonly newestFirst: boolean;
  /**
   * Rows that come after a later one, and the line of the first. 0 if the series is newest first, or in order but for
   * outlying times.
   */
  readonly outOfOrder: number;
  readonly firstOutOfOrder: number | undefined;
  /** Rows with the time of the row before, the line of the first, and how many of them differ in other fields. */
  readonly duplicates: number;
  readonly firstDuplicate: number | undefined;
  /** Undefined if the caller did not tell what the rows hold. */
  readonly differing: number | undefined;
  /** Single stamps far away from all others. */
  readonly outlying: readonly Stamp[];
  readonly spacing: Spacing;
  readonly holes: Holes;
}

/** Follows the times of one series, in whatever order they come, in bounded memory. */
export class SeriesTrack {
  readonly #capacity: number;
  readonly #extremes = new Extremes();
  #steps: StepTrack;
  /** -1 for a series that seems to be newest first. */
  #direction = 0;
  #rows = 0;
  #untimed = 0;
  #time = Number.NaN;
  #content = Number.NaN;
  #latest = Number.NEGATIVE_INFINITY;
  #ascents = 0;
  #descents = 0;
  #outOfOrder = 0;
  #firstOutOfOrder: number | undefined;
  #duplicates = 0;
  #firstDuplicate: number | undefined;
  #differing: number | undefined;

  /** `capacity`: how many steps are kept to find the interval. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#steps = new StepTrack(capacity);
  }

  add(time: number, line: number, content: number): void {
    this.#rows += 1;
    if (Number.isNaN(time)) {
      this.#untimed += 1;
      return;
    }
    if (time === this.#time) this.#noteDuplicate(line, content);
    else if (time > this.#time) this.#ascents += 1;
    else if (time < this.#time) this.#descents += 1;
    if (time < this.#latest) {
      this.#outOfOrder += 1;
      this.#firstOutOfOrder ??= line;
    } else this.#latest = time;
    this.#turn(time, line);
    this.#steps.add(this.#direction < 0 ? -time : time, line);
    this.#extremes.add(time, line);
    this.#time = time;
    this.#content = content;
  }

  /** A sample of the steps between rows [ms]. */
  get steps(): readonly number[] {
    return this.#steps.steps;
  }

  facts(key: string): SeriesFacts {
    const { spacing } = this.#steps;
    const { first, last, outlying } = this.#extremes.range(GAP_STEPS * (spacing.interval ?? 0));
    const span = first && last && outlying.length > 0 ? last.at - first.at : Number.POSITIVE_INFINITY;
    const newestFirst = this.#descents > 0 && this.#ascents === 0;
    // a false time makes the rows after it late ones, or is late itself: it goes back once
    const isInOrder = newestFirst || this.#descents <= outlying.length;
    return {
      key,
      rows: this.#rows,
      untimed: this.#untimed,
      first,
      last,
      newestFirst,
      outOfOrder: isInOrder ? 0 : this.#outOfOrder,
      firstOutOfOrder: isInOrder ? undefined : this.#firstOutOfOrder,
      duplicates: this.#duplicates,
      firstDuplicate: this.#firstDuplicate,
      differing: this.#differing,
      outlying,
      spacing,
      holes: this.#steps.holes(span),
    };
  }

  #noteDuplicate(line: number, content: number): void {
    this.#duplicates += 1;
    this.#firstDuplicate ??= line;
    if (!Number.isNaN(content)) this.#differing = (this.#differing ?? 0) + (content === this.#content ? 0 : 1);
  }

  /** Decides the direction of the steps: by the first step, and again when more is known. */
  #turn(time: number, line: number): void {
    const count = this.#ascents + this.#descents;
    const undecided = this.#direction === 0 && count === 1;
    if (!undecided && count !== DIRECTION_AFTER) return;
    const direction = this.#descents > this.#ascents ? -1 : 1;
    if (direction === this.#direction) return;
    this.#direction = direction;
    this.#steps = new StepTrack(this.#capacity);
    if (time !== this.#time) this.#steps.add(direction * this.#time, line);
  }
}
