import { misfit } from '../base/errors.ts';
import { type Duration, milliseconds } from '../base/duration.ts';
import { boolean, number, orNull, object, whole } from '../base/schema.ts';
import type { Arrival, ArrivalKind } from './arrival.ts';
import { Doubts } from './doubts.ts';
import { Grid } from './grid.ts';

export interface ClockOptions {
  /** Time between samples of the model [ms]. Null if it is not known: samples are then taken in the order they come. */
  interval: number | null;
  /**
   * A stamp further than this after the newest is doubted, and resets the stream once others confirm it. Null: no such
   * stamp is doubted, and a gap may have any length. Stamps that contradict the clock are believed after this time at
   * the latest.
   */
  resetAfter: Duration | null;
  /**
   * How much older than the newest sample a sample may be and still be put in its place, to the nearest interval.
   * Default 0.
   */
  lateness?: Duration;
  /** How far a stamp may lie from its place on the grid, as a share of the interval: 0 to 0.45. Default 0.4. */
  tolerance?: number;
  /** Whether further samples of a step refine it; otherwise they are dropped as duplicates. Default false. */
  resample?: boolean;
  /** Number of steps by which its row may be taken back, beyond those of a late sample. Default 0. */
  history?: number;
}

/** How often each thing happened since the stream began. */
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
  history?: number;
}

const checkOptions = object<CheckedOptions>(
  {
    interval: orNull(number(1e-6, 1e15)),
    resetAfter: orNull(milliseconds),
    lateness: milliseconds,
    tolerance: number(0, 0.45),
    resample: boolean,
    history: whole(0, 2 ** 20),
  },
  ['lateness', 'tolerance', 'resample', 'history'],
);

/** Each step of lateness costs each stream one saved state. */
const MOST_LATE_STEPS = 65_536;

// The numbers of the part; those of its doubts and its grid follow. Its ring holds, per step, whether it has a sample.
const STARTED = 0; // 1 once a sample with a time was taken
const LATEST = 1; // newest believed stamp [ms]
const NEWEST = 2; // position of the newest step in the ring; older steps come before it
const OPEN = 3; // steps before the newest that a late sample may belong to; earlier ones are closed
const MISSING = 4; // the counts, in the order of ClockCounts
const LATE = 5;
const REFINED = 6;
const DUPLICATES = 7;
const TOO_LATE = 8;
const SUSPECTS = 9;
const REBASES = 10;
const RESETS = 11;
const DOUBTS = 12;

/**
 * Assigns each sample of a stream, or each row of a file, to a step of the model by its time stamp. What it remembers
 * is numbers in the caller's arrays: a row, and a ring of the last steps.
 *
 * A stamp that cannot be believed, further ahead than `resetAfter` or further back than `lateness`, is left out
 * together with its sample: whatever spoiled the stamp may have spoiled the values; a missing step is filled, but a
 * false one cannot be undone. The third such sample in a row is believed if each follows the one before by at most
 * `resetAfter`, so setting a clock costs two samples. `Doubts` describes when it takes more, but never more than 100
 * samples, or `resetAfter` if that is less. So a stream of regular samples always recovers, whatever its clock did
 * before.
 *
 * Two things cannot be decided from stamps alone. A clock set forward looks like a source that was silent. A clock set
 * back looks like samples that are repeated, or that were held back while later ones were sent; of those, the first 99
 * are dropped, or as many as fit into `resetAfter`, and if more come in a row, the clock is set back to them.
 */
export class StepClock {
  readonly size: number;
  readonly ringSize: number;
  readonly stride = 1;
  readonly #doubts: Doubts;
  readonly #grid: Grid | undefined;
  readonly #gridAt: number;
  readonly #interval: number | null;
  readonly #resetAfter: number;
  readonly #resample: boolean;
  /** Steps that a sample may belong to: the newest, and those before it that a late sample may reach. */
  readonly depth: number;
  readonly #arrival: { -readonly [K in keyof Arrival]: Arrival[K] } = { kind: 'first', missing: 0, back: 0 };

  /**
   * Throws `invalid-argument` for a wrong option, for a lateness of over 65,536 intervals, and for lateness or
   * resampling without an interval.
   */
  constructor(options: ClockOptions) {
    const checked = checkOptions(options, 'options');
    const { interval, resetAfter, lateness = 0, tolerance = 0.4, resample = false, history = 0 } = checked;
    const lateSteps = interval === null ? lateness : Math.round(lateness / interval);
    const most = interval === null ? 0 : MOST_LATE_STEPS;
    if (lateSteps > most) {
      const what = interval === null ? '0 for a model without an interval' : `at most ${most} intervals`;
      throw misfit(what, 'options.lateness', lateness);
    }
    if (resample && interval === null) {
      throw misfit('false for a model without an interval', 'options.resample', true);
    }
    this.#interval = interval;
    this.#grid = interval === null ? undefined : new Grid(interval, tolerance);
    this.#resetAfter = resetAfter ?? Number.POSITIVE_INFINITY;
    this.#doubts = new Doubts(this.#resetAfter, interval);
    this.#resample = resample;
    this.depth = lateSteps + 1;
    this.#gridAt = DOUBTS + this.#doubts.size;
    this.size = this.#gridAt + (this.#grid?.size ?? 0);
    // a late sample takes the row back by up to `depth` steps
    this.ringSize = this.depth + Math.max(history, this.depth);
  }

  reset(row: Float64Array, at: number): void {
    this.#grid?.reset(row, at + this.#gridAt);
  }

  clearForComparison(row: Float64Array, at: number): void {
    row[at + NEWEST] = 0;
    row.fill(0, at + MISSING, at + RESETS + 1);
    this.#grid?.clearForComparison(row, at + this.#gridAt);
  }

  /**
   * Places a sample of this time [ms], NaN for none. Every call returns the same object: read it before the next call.
   */
  take(row: Float64Array, at: number, ring: Float64Array, ringAt: number, time: number): Arrival {
    if (Number.isNaN(time)) return this.#takeUntimed(row, at, ring, ringAt);
    if (row[at + STARTED] === 0) {
      this.#start(row, at, ring, ringAt, time);
      return this.#reporting('first');
    }
    const latest = row[at + LATEST]!;
    if (time === latest) return this.#takeBehind(row, at, ring, ringAt, time, DUPLICATES);
    const steps = this.#grid ? this.#grid.place(row, at + this.#gridAt, time, latest) : Math.sign(time - latest);
    if (time - latest > this.#resetAfter) return this.#takeAhead(row, at, ring, ringAt, time);
    if (-steps >= this.depth) return this.#takeBehind(row, at, ring, ringAt, time, TOO_LATE);
    if (time > latest) this.#advance(row, at, ring, ringAt, time, steps);
    if (steps > 0) return this.#reporting('next', steps - 1);
    const flag = ringAt + this.place(row, at, -steps);
    if (this.depth > 1 && ring[flag] === 0 && -steps <= row[at + OPEN]!) {
      this.#doubts.pass(row, at + DOUBTS, time, (this.depth + 0.5) * this.#interval!);
      ring[flag] = 1;
      return this.#count(row, at + LATE, 'late', -steps);
    }
    if (steps < 0) return this.#takeBehind(row, at, ring, ringAt, time, DUPLICATES);
    if (this.#resample) return this.#count(row, at + REFINED, 'same-cell');
    return this.#count(row, at + DUPLICATES, 'duplicate');
  }

  /** Advances an earlier row by a step whose sample is missing, as its ring now shows. */
  skip(row: Float64Array, at: number): void {
    if (row[at + STARTED] === 0 || this.#grid === undefined) return;
    this.#move(row, at, 1);
    row[at + MISSING]! += 1;
    // just before the start of the step, so that a sample with that very time is not older than the newest
    row[at + LATEST] = this.#grid.skip(row, at + this.#gridAt) - this.#interval! / 1024;
  }

  /** The newest believed time [ms], NaN before the first. Samples without a time advance it by an interval. */
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

  /** How many steps a late sample may belong to, including the newest; 0 before the first sample with a time. */
  count(row: Float64Array, at: number): number {
    return row[at + STARTED] === 0 ? 0 : row[at + OPEN]! + 1;
  }

  place(row: Float64Array, at: number, back: number): number {
    const place = row[at + NEWEST]! - back;
    return place < 0 ? place + this.ringSize : place;
  }

  #takeUntimed(row: Float64Array, at: number, ring: Float64Array, ringAt: number): Arrival {
    if (row[at + STARTED] !== 0 && this.#grid) {
      this.#grid.skip(row, at + this.#gridAt);
      row[at + LATEST] = row[at + LATEST]! + this.#interval!;
      this.#begin(row, at, ring, ringAt, 1);
    }
    return this.#reporting('next');
  }

  /** Takes a sample that is too far ahead to be believed at once. */
  #takeAhead(row: Float64Array, at: number, ring: Float64Array, ringAt: number, time: number): Arrival {
    const doubts = at + DOUBTS;
    const silentFrom = row[at + LATEST]!;
    let from = time;
    if (!this.#doubts.keepsPace(row, doubts, time - silentFrom)) {
      if (!this.#doubts.believe(row, doubts, time, this.#spacing(row, at), 'ahead')) {
        return this.#count(row, at + SUSPECTS, 'suspect');
      }
      from = this.#doubts.first(row, doubts);
    }
    this.#doubts.expectBacklog(row, doubts, silentFrom, from);
    this.#doubts.settle(row, doubts, 'ahead');
    this.#start(row, at, ring, ringAt, time);
    return this.#count(row, at + RESETS, 'reset');
  }

  /** Takes a sample of an earlier step that is closed: the sample is old, or the clock was set back. */
  #takeBehind(
    row: Float64Array,
    at: number,
    ring: Float64Array,
    ringAt: number,
    time: number,
    counter: typeof TOO_LATE | typeof DUPLICATES,
  ): Arrival {
    const doubts = at + DOUBTS;
    const objection = counter === DUPLICATES ? 'sent-twice' : 'none';
    if (!this.#doubts.believe(row, doubts, time, this.#spacing(row, at), 'back', objection)) {
      return this.#count(row, at + counter, counter === DUPLICATES ? 'duplicate' : 'too-late');
    }
    const dropped = time - this.#doubts.first(row, doubts);
    const missing = this.#interval === null ? 0 : Math.round(dropped / this.#interval);
    this.#doubts.expectNoBacklog(row, doubts);
    this.#doubts.settle(row, doubts, 'back');
    this.#set(row, at, time);
    this.#begin(row, at, ring, ringAt, missing + 1);
    row[at + OPEN] = 0; // earlier steps were stamped by another time
    this.#count(row, at + REBASES, 'rebase');
    return this.#reporting('rebase', missing);
  }

  /** Starts the clock at `time`. Earlier steps are open to late samples. */
  #start(row: Float64Array, at: number, ring: Float64Array, ringAt: number, time: number): void {
    this.#set(row, at, time);
    row[at + NEWEST] = 0;
    row[at + OPEN] = this.depth - 1;
    ring.fill(0, ringAt, ringAt + this.ringSize);
    ring[ringAt] = 1;
  }

  #set(row: Float64Array, at: number, time: number): void {
    row[at + STARTED] = 1;
    row[at + LATEST] = time;
    this.#grid?.start(row, at + this.#gridAt, time);
  }

  #advance(row: Float64Array, at: number, ring: Float64Array, ringAt: number, time: number, steps: number): void {
    this.#grid?.advance(row, at + this.#gridAt, time, steps, row[at + LATEST]!);
    if (steps > this.depth) this.#doubts.expectBacklog(row, at + DOUBTS, row[at + LATEST]!, time);
    this.#doubts.dismiss(row, at + DOUBTS);
    row[at + LATEST] = time;
    if (steps > 0) this.#begin(row, at, ring, ringAt, steps);
  }

  /** The usual time between samples [ms]; 0 if not known. */
  #spacing(row: Float64Array, at: number): number {
    return this.#grid?.spacing(row, at + this.#gridAt) ?? 0;
  }

  /** Makes the step that is `steps` ahead the newest. */
  #begin(row: Float64Array, at: number, ring: Float64Array, ringAt: number, steps: number): void {
    row[at + MISSING] = row[at + MISSING]! + steps - 1;
    this.#move(row, at, steps);
    for (let back = Math.min(steps, this.ringSize) - 1; back > 0; back--) ring[ringAt + this.place(row, at, back)] = 0;
    ring[ringAt + row[at + NEWEST]!] = 1;
  }

  #move(row: Float64Array, at: number, steps: number): void {
    row[at + NEWEST] = (row[at + NEWEST]! + steps) % this.ringSize;
    row[at + OPEN] = Math.min(row[at + OPEN]! + steps, this.depth - 1);
  }

  #count(row: Float64Array, index: number, kind: ArrivalKind, back = 0): Arrival {
    row[index] = row[index]! + 1;
    return this.#reporting(kind, 0, back);
  }

  #reporting(kind: ArrivalKind, missing = 0, back = 0): Arrival {
    this.#arrival.kind = kind;
    this.#arrival.missing = missing;
    this.#arrival.back = back;
    return this.#arrival;
  }
}
