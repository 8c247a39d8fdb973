import { expected, GatecastError } from '../errors.ts';
import { milliseconds } from '../model/duration.ts';
import { boolean, number, orNull, record } from '../model/schema.ts';
import { Grid } from './grid.ts';
import type { Part } from './part.ts';

/** All times in ms, or as text such as '10m'. */
export interface ClockOptions {
  /** Time between samples of the model; null when it is not known: then samples are taken in the order they come. */
  interval: number | null;
  /** A later stamp than this after the newest is doubted, and when others confirm it the stream begins anew; null: never. */
  resetAfter: number | string | null;
  /** How much older than the newest a sample may be and still be put in its place. Default 0. */
  lateness?: number | string;
  /** How far a stamp may lie from its place on the grid, as a share of the interval: 0 to 0.45. Default 0.4. */
  tolerance?: number;
  /** Whether further samples of a step refine it; else they are dropped as duplicates. Default false. */
  resample?: boolean;
}

/**
 * What a sample is to the stream.
 *
 * - `first`: the first that carries a time.
 * - `next`: begins a new step, after `missing` steps without a sample.
 * - `same-cell`: belongs to the newest step, which has a sample already; refines it.
 * - `late`: belongs to the step `back` before the newest, which had none.
 * - `duplicate`: belongs to a step that has a sample already; to be dropped.
 * - `too-late`: older than the lateness allows; to be dropped. So are the first samples of a clock that was set back.
 * - `suspect`: too far ahead to be believed yet; to be dropped.
 * - `rebase`: confirms that the clock was set back; in all else `next`, `missing` being the samples dropped on the way.
 * - `reset`: confirms that the stream was silent for longer than `resetAfter`: begins anew with this sample.
 */
export type ArrivalKind =
  | 'first'
  | 'next'
  | 'same-cell'
  | 'late'
  | 'duplicate'
  | 'too-late'
  | 'suspect'
  | 'rebase'
  | 'reset';

/** What the clock says of one sample. */
export interface Arrival {
  readonly kind: ArrivalKind;
  /** Steps without a sample right before this one; 0 unless the kind is 'next' or 'rebase'. */
  readonly missing: number;
  /** Steps between this sample's and the newest; 0 unless the kind is 'late'. */
  readonly back: number;
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

/** Samples in a row that must agree on a time before it is believed against the clock. */
const WITNESSES = 3;
/** Each step of the lateness costs each stream a number. */
const MOST_LATE_STEPS = 65_536;

// The numbers of the part: these, the grid's, and for each step that a late sample may reach its stamp, NaN without one.
const STARTED = 0; // 1 once a sample with a time was taken
const LATEST = 1; // newest stamp that was believed [ms]
const STEP = 2; // steps since the clock was last started; the stamp of step s stands at s % depth
const DOUBTS = 3; // samples in a row that were not believed and agree with one another,
const DOUBTED_FROM = 4; // the stamp of the first of them [ms]
const DOUBTED = 5; // and of the last [ms]
const MISSING = 6; // the counts, in the order of ClockCounts
const LATE = 7;
const REFINED = 8;
const DUPLICATES = 9;
const TOO_LATE = 10;
const SUSPECTS = 11;
const REBASES = 12;
const RESETS = 13;
const GRID = 14;

/**
 * Says of each sample of a stream, from its time, which step of the model it belongs to.
 *
 * A stamp that cannot be believed, further ahead than `resetAfter` or further back than `lateness`, is left out with
 * its sample: what spoiled the one may have spoiled the other, a missing step is filled, and a false one is not undone.
 * A third such sample in a row, each after the one before by at most `resetAfter`, is believed, so a clock that was
 * set costs two samples. Two things cannot be told from stamps alone: a clock set forward from a source that was
 * silent, and, for steps within the lateness, a clock set back from samples sent twice, which are dropped until it has
 * caught up.
 */
export class StreamClock implements Part {
  readonly size: number;
  readonly #grid: Grid | undefined;
  readonly #interval: number | null;
  readonly #resetAfter: number;
  readonly #resample: boolean;
  readonly #depth: number;
  readonly #stampsAt: number;
  readonly #arrival: { -readonly [K in keyof Arrival]: Arrival[K] } = { kind: 'first', missing: 0, back: 0 };

  /** Throws `invalid-argument` for a wrong option, and for a lateness without an interval or of over 65,536 of them. */
  constructor(options: ClockOptions) {
    const { interval, resetAfter, lateness = 0, tolerance = 0.4, resample = false } = checkOptions(options, 'options');
    const lateSteps = interval === null ? lateness : Math.floor(lateness / interval + tolerance);
    const most = interval === null ? 0 : MOST_LATE_STEPS;
    if (lateSteps > most) {
      const what = interval === null ? '0 for a model without an interval' : `at most ${most} intervals`;
      throw new GatecastError('invalid-argument', expected(what, 'options.lateness', lateness));
    }
    this.#interval = interval;
    this.#grid = interval === null ? undefined : new Grid(interval, tolerance);
    this.#resetAfter = resetAfter ?? Number.POSITIVE_INFINITY;
    this.#resample = resample;
    this.#depth = lateSteps + 1;
    this.#stampsAt = GRID + (this.#grid?.size ?? 0);
    this.size = this.#stampsAt + this.#depth;
  }

  reset(row: Float64Array, at: number): void {
    this.#grid?.reset(row, at + GRID);
    this.#clearStamps(row, at);
  }

  /** Places a sample of this time [ms], NaN for none. The same object is given each time: read it before the next call. */
  take(row: Float64Array, at: number, time: number): Arrival {
    if (Number.isNaN(time)) return this.#takeUntimed(row, at);
    if (row[at + STARTED] === 0) {
      this.#start(row, at, time);
      return this.#say('first');
    }
    const latest = row[at + LATEST]!;
    if (time === latest) return this.#count(row, at + DUPLICATES, 'duplicate');
    const steps = this.#grid ? this.#grid.place(row, at + GRID, time, latest) : Math.sign(time - latest);
    if (time - latest > this.#resetAfter || -steps >= this.#depth) return this.#doubt(row, at, time);
    row[at + DOUBTS] = 0;
    if (time > latest) this.#advance(row, at, time, steps);
    if (steps > 0) return this.#say('next', steps - 1);
    const stamp = this.#stampOf(row, at, steps);
    if (Number.isNaN(row[stamp])) {
      row[stamp] = time;
      return this.#count(row, at + LATE, 'late', -steps);
    }
    if (steps === 0 && this.#resample) return this.#count(row, at + REFINED, 'same-cell');
    return this.#count(row, at + DUPLICATES, 'duplicate');
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
      this.#grid.skip(row, at + GRID);
      row[at + LATEST] = row[at + LATEST]! + this.#interval!;
      this.#begin(row, at, 1);
    }
    return this.#say('next');
  }

  /** Weighs a stamp against the clock: the last of several that agree is believed. */
  #doubt(row: Float64Array, at: number, time: number): Arrival {
    const ahead = time > row[at + LATEST]!;
    const since = time - row[at + DOUBTED]!;
    const agrees = row[at + DOUBTS]! > 0 && since > 0 && since <= this.#resetAfter;
    row[at + DOUBTS] = agrees ? row[at + DOUBTS]! + 1 : 1;
    row[at + DOUBTED] = time;
    if (!agrees) row[at + DOUBTED_FROM] = time;
    if (row[at + DOUBTS]! < WITNESSES) {
      return ahead ? this.#count(row, at + SUSPECTS, 'suspect') : this.#count(row, at + TOO_LATE, 'too-late');
    }
    this.#start(row, at, time);
    if (ahead) return this.#count(row, at + RESETS, 'reset');
    const missing = this.#interval === null ? 0 : Math.round((time - row[at + DOUBTED_FROM]!) / this.#interval);
    row[at + MISSING] = row[at + MISSING]! + missing;
    this.#count(row, at + REBASES, 'rebase');
    return this.#say('rebase', missing);
  }

  #start(row: Float64Array, at: number, time: number): void {
    row[at + STARTED] = 1;
    row[at + LATEST] = time;
    row[at + STEP] = 0;
    row[at + DOUBTS] = 0;
    this.#grid?.start(row, at + GRID, time);
    this.#clearStamps(row, at);
    row[this.#stampOf(row, at, 0)] = time;
  }

  #advance(row: Float64Array, at: number, time: number, steps: number): void {
    this.#grid?.advance(row, at + GRID, time, steps, row[at + LATEST]!);
    row[at + LATEST] = time;
    if (steps > 0) this.#begin(row, at, steps);
  }

  /** Makes the step `steps` ahead the newest. */
  #begin(row: Float64Array, at: number, steps: number): void {
    for (let i = Math.max(1, steps - this.#depth + 1); i < steps; i++) row[this.#stampOf(row, at, i)] = Number.NaN;
    row[at + STEP] = row[at + STEP]! + steps;
    row[at + MISSING] = row[at + MISSING]! + steps - 1;
    row[this.#stampOf(row, at, 0)] = row[at + LATEST]!;
  }

  /** Where the stamp of the step `steps` after the newest stands in the row. */
  #stampOf(row: Float64Array, at: number, steps: number): number {
    const slot = (row[at + STEP]! + steps) % this.#depth;
    return at + this.#stampsAt + (slot < 0 ? slot + this.#depth : slot);
  }

  #clearStamps(row: Float64Array, at: number): void {
    row.fill(Number.NaN, at + this.#stampsAt, at + this.size);
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
