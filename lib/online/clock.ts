import { expected, GatecastError } from '../errors.ts';
import { type Duration, milliseconds } from '../model/duration.ts';
import { boolean, number, orNull, record } from '../model/schema.ts';
import type { Arrival, ArrivalKind } from './arrival.ts';
import { Doubts } from './doubts.ts';
import { Grid } from './grid.ts';
import type { Part } from './part.ts';

export interface ClockOptions {
  /** Time between samples of the model [ms]; null when it is not known: then samples are taken in the order they come. */
  interval: number | null;
  /**
   * A stamp further than this after the newest is doubted, and begins the stream anew once others confirm it; null:
   * none is, and a gap may have any length.
   */
  resetAfter: Duration | null;
  /** How much older than the newest a sample may be and still be put in its place, to the nearest interval. Default 0. */
  lateness?: Duration;
  /** How far a stamp may lie from its place on the grid, as a share of the interval: 0 to 0.45. Default 0.4. */
  tolerance?: number;
  /** Whether further samples of a step refine it; else they are dropped as duplicates. Default false. */
  resample?: boolean;
}

/** How often something happened since the stream began. */
export interface ClockCounts {
  readonly missing: number;
  readonly late: number;
  readonly refined: number;
  readonly duplicates: number;
  readonly tooLate: number;
  readonly suspects: number;
  readonly rebases: number;
  readonly resets: number;
}

interface CheckedOptions {
  interval: number | null;
  resetAfter: number | null;
  lateness?: number;
  tolerance?: number;
  resample?: boolean;
}

const checkOptions = record<CheckedOptions>(
  {
    interval: orNull(number(1e-6, 1e15)),
    resetAfter: orNull(milliseconds),
    lateness: milliseconds,
    tolerance: number(0, 0.45),
    resample: boolean,
  },
  ['lateness', 'tolerance', 'resample'],
);

/** Each step of the lateness costs each stream a number. */
const MOST_LATE_STEPS = 65_536;

// The numbers of the part: these, those of its doubts and its grid, and for each step that a late sample may reach
// whether it has a sample.
const STARTED = 0; // 1 once a sample with a time was taken
const LATEST = 1; // newest stamp that was believed [ms]
const NEWEST = 2; // which of the flags at the end of the row is that of the newest step; older steps stand before it
const MISSING = 3; // the counts, in the order of ClockCounts
const LATE = 4;
const REFINED = 5;
const DUPLICATES = 6;
const TOO_LATE = 7;
const SUSPECTS = 8;
const REBASES = 9;
const RESETS = 10;
const DOUBTS = 11;

/**
 * Says of each sample of a stream, from its time, which step of the model it belongs to.
 *
 * A stamp that cannot be believed, further ahead than `resetAfter` or further back than `lateness`, is left out with
 * its sample: what spoiled the one may have spoiled the other, a missing step is filled, and a false one is not undone.
 * A third such sample in a row, each after the one before by at most `resetAfter`, is believed, so a clock that was
 * set costs two samples. Samples that belong into the last long gap are a backlog and say nothing of the clock.
 *
 * Two things cannot be told from stamps alone: a clock set forward from a source that was silent; and a clock set back
 * by less than `lateness` from samples sent twice, which are dropped until it has caught up.
 */
export class StreamClock implements Part {
  readonly size: number;
  readonly #doubts: Doubts;
  readonly #grid: Grid | undefined;
  readonly #gridAt: number;
  readonly #interval: number | null;
  readonly #resetAfter: number;
  readonly #resample: boolean;
  /** Steps that a sample may belong to: the newest, and those before it that a late one may reach. */
  readonly depth: number;
  readonly #flagsAt: number;
  readonly #arrival: { -readonly [K in keyof Arrival]: Arrival[K] } = { kind: 'first', missing: 0, back: 0 };

  /** Throws `invalid-argument` for a wrong option, for a lateness without an interval or of over 65,536 of them, and for resampling without one. */
  constructor(options: ClockOptions) {
    const { interval, resetAfter, lateness = 0, tolerance = 0.4, resample = false } = checkOptions(options, 'options');
    const lateSteps = interval === null ? lateness : Math.round(lateness / interval);
    const most = interval === null ? 0 : MOST_LATE_STEPS;
    if (lateSteps > most) {
      const what = interval === null ? '0 for a model without an interval' : `at most ${most} intervals`;
      throw new GatecastError('invalid-argument', expected(what, 'options.lateness', lateness));
    }
    if (resample && interval === null) {
      throw new GatecastError(
        'invalid-argument',
        expected('false for a model without an interval', 'options.resample', true),
      );
    }
    this.#interval = interval;
    this.#grid = interval === null ? undefined : new Grid(interval, tolerance);
    this.#resetAfter = resetAfter ?? Number.POSITIVE_INFINITY;
    this.#doubts = new Doubts(this.#resetAfter);
    this.#resample = resample;
    this.depth = lateSteps + 1;
    this.#gridAt = DOUBTS + this.#doubts.size;
    this.#flagsAt = this.#gridAt + (this.#grid?.size ?? 0);
    this.size = this.#flagsAt + this.depth;
  }

  reset(row: Float64Array, at: number): void {
    this.#grid?.reset(row, at + this.#gridAt);
  }

  /** Places a sample of this time [ms], NaN for none. The same object is given each time: read it before the next call. */
  take(row: Float64Array, at: number, time: number): Arrival {
    if (Number.isNaN(time)) return this.#takeUntimed(row, at);
    if (row[at + STARTED] === 0) {
      this.#start(row, at, time, 0);
      return this.#say('first');
    }
    const latest = row[at + LATEST]!;
    if (time === latest) return this.#count(row, at + DUPLICATES, 'duplicate');
    const steps = this.#grid ? this.#grid.place(row, at + this.#gridAt, time, latest) : Math.sign(time - latest);
    if (time - latest > this.#resetAfter || -steps >= this.depth) return this.#doubt(row, at, time);
    this.#doubts.dismiss(row, at + DOUBTS);
    if (time > latest) this.#advance(row, at, time, steps);
    if (steps > 0) return this.#say('next', steps - 1);
    const flag = this.#flagOf(row, at, -steps);
    if (row[flag] === 0) {
      row[flag] = 1;
      return this.#count(row, at + LATE, 'late', -steps);
    }
    if (steps === 0 && this.#resample) return this.#count(row, at + REFINED, 'same-cell');
    return this.#count(row, at + DUPLICATES, 'duplicate');
  }

  /** Goes on by a step of which the sample is missing, which may yet come where late ones may. */
  skip(row: Float64Array, at: number): void {
    if (row[at + STARTED] === 0 || this.#grid === undefined) return;
    this.#begin(row, at, 1);
    if (this.depth > 1) row[this.#flagOf(row, at, 0)] = 0;
    row[at + MISSING]! += 1;
    // just before the place of the step: a sample with that very time is none that came before
    row[at + LATEST] = this.#grid.skip(row, at + this.#gridAt) - this.#interval! / 1024;
  }

  /** Takes note that the step `back` before the newest has a sample. */
  fill(row: Float64Array, at: number, back: number): void {
    row[this.#flagOf(row, at, back)] = 1;
  }

  /** The newest time that was believed [ms], NaN before the first. Samples without a time move it by an interval. */
  latest(row: Float64Array, at: number): number {
    return row[at + STARTED] === 0 ? Number.NaN : row[at + LATEST]!;
  }

  counts(row: Float64Array, at: number): ClockCounts {
    return {
      missing: row[at + MISSING]!,
      late: row[at + LATE]!,
      refined: row[at + REFINED]!,
      duplicates: row[at + DUPLICATES]!,
      tooLate: row[at + TOO_LATE]!,
      suspects: row[at + SUSPECTS]!,
      rebases: row[at + REBASES]!,
      resets: row[at + RESETS]!,
    };
  }

  #takeUntimed(row: Float64Array, at: number): Arrival {
    if (row[at + STARTED] !== 0 && this.#grid) {
      this.#grid.skip(row, at + this.#gridAt);
      row[at + LATEST] = row[at + LATEST]! + this.#interval!;
      this.#begin(row, at, 1);
    }
    return this.#say('next');
  }

  #doubt(row: Float64Array, at: number, time: number): Arrival {
    const ahead = time > row[at + LATEST]!;
    if (this.#doubts.believe(row, at + DOUBTS, time)) {
      return ahead ? this.#startAnew(row, at, time) : this.#setBack(row, at, time);
    }
    return ahead ? this.#count(row, at + SUSPECTS, 'suspect') : this.#count(row, at + TOO_LATE, 'too-late');
  }

  #startAnew(row: Float64Array, at: number, time: number): Arrival {
    const silentFrom = row[at + LATEST]!;
    this.#start(row, at, time, 0);
    this.#doubts.expectBacklog(row, at + DOUBTS, silentFrom, this.#doubts.first(row, at + DOUBTS));
    return this.#count(row, at + RESETS, 'reset');
  }

  #setBack(row: Float64Array, at: number, time: number): Arrival {
    const dropped = time - this.#doubts.first(row, at + DOUBTS);
    const missing = this.#interval === null ? 0 : Math.round(dropped / this.#interval);
    this.#start(row, at, time, 1);
    row[at + MISSING] = row[at + MISSING]! + missing;
    this.#count(row, at + REBASES, 'rebase');
    return this.#say('rebase', missing);
  }

  /** Starts the clock at `time`. Steps before it are all `taken`, 1, or open to late samples, 0. */
  #start(row: Float64Array, at: number, time: number, taken: 0 | 1): void {
    row[at + STARTED] = 1;
    row[at + LATEST] = time;
    row[at + NEWEST] = 0;
    this.#doubts.dismiss(row, at + DOUBTS);
    this.#doubts.expectBacklog(row, at + DOUBTS, time, time);
    this.#grid?.start(row, at + this.#gridAt, time);
    row.fill(taken, at + this.#flagsAt, at + this.size);
    row[this.#flagOf(row, at, 0)] = 1;
  }

  #advance(row: Float64Array, at: number, time: number, steps: number): void {
    this.#grid?.advance(row, at + this.#gridAt, time, steps, row[at + LATEST]!);
    if (steps > this.depth) this.#doubts.expectBacklog(row, at + DOUBTS, row[at + LATEST]!, time);
    row[at + LATEST] = time;
    if (steps > 0) this.#begin(row, at, steps);
  }

  /** Makes the step `steps` ahead the newest. */
  #begin(row: Float64Array, at: number, steps: number): void {
    row[at + MISSING] = row[at + MISSING]! + steps - 1;
    for (let i = Math.min(steps, this.depth); i > 0; i--) {
      const slot = row[at + NEWEST]! + 1;
      row[at + NEWEST] = slot < this.depth ? slot : 0;
      row[this.#flagOf(row, at, 0)] = 0;
    }
    row[this.#flagOf(row, at, 0)] = 1;
  }

  /** Where the flag of the step `back` before the newest stands in the row. */
  #flagOf(row: Float64Array, at: number, back: number): number {
    const slot = row[at + NEWEST]! - back;
    return at + this.#flagsAt + (slot < 0 ? slot + this.depth : slot);
  }

  #count(row: Float64Array, index: number, kind: ArrivalKind, back = 0): Arrival {
    row[index] = row[index]! + 1;
    return this.#say(kind, 0, back);
  }

  #say(kind: ArrivalKind, missing = 0, back = 0): Arrival {
    this.#arrival.kind = kind;
    this.#arrival.missing = missing;
    this.#arrival.back = back;
    return this.#arrival;
  }
}
