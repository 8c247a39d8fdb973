import type { KeyedTable } from '../data/series.ts';
import type { ModelDescription } from '../model/model.ts';
import { NONE_SKIPPED, type Skipped, skippedOf } from '../model/skipped.ts';
import type { ArrivalKind } from '../time/arrival.ts';
import { StepClock } from '../time/step-clock.ts';
import { ANEW, EMPTY, type LaneTable, ROW, SILENT } from './lane-table.ts';

/** What the clock knows of a lane. */
export interface LaneClock {
  readonly row: Float64Array;
  readonly ring: Float64Array;
  /** How many rows of the series it has seen. */
  seen: number;
  skipped: Skipped;
}

/** Most steps that are made at a time, each of which may stand for a row or for one of `lookback` steps without one. */
const MOST_STEPS = 2 ** 20;

const LEFT_OUT: Partial<Record<ArrivalKind, Exclude<keyof Skipped, 'invalid'>>> = {
  duplicate: 'duplicate',
  'too-late': 'late',
  suspect: 'unbelieved',
};

/**
 * Finds the steps of the rows of lanes by their times, as the clock of a live stream of the model does with its default
 * options: a step without a row becomes a row of missing values, and a row that a stream leaves out is left out.
 */
export class LaneSteps {
  /** Most rows of a table that may be taken at once. */
  readonly most: number;
  readonly #clock: StepClock;
  readonly #interval: number | null;
  readonly #isValid: (time: number) => boolean;
  readonly #ahead: number;

  /**
   * `isValid` says whether the model takes a row of this time [ms]; NaN for none. `ahead` is how many steps a forecast
   * is compared with: so many stand for a longer silence.
   */
  constructor(
    { interval, lookback }: Pick<ModelDescription, 'interval' | 'lookback'>,
    isValid: (time: number) => boolean,
    ahead: number,
  ) {
    this.#clock = new StepClock({ interval, resetAfter: interval === null ? null : lookback * interval });
    this.most = Math.max(1, Math.floor(MOST_STEPS / (lookback + 1)));
    this.#interval = interval;
    this.#isValid = isValid;
    this.#ahead = ahead;
  }

  /** The clock of a new lane. */
  start(): LaneClock {
    const row = new Float64Array(this.#clock.size);
    this.#clock.reset(row, 0);
    return { row, ring: new Float64Array(this.#clock.ringSize), seen: 0, skipped: NONE_SKIPPED };
  }

  /** The steps of the next rows of a lane. */
  take(lane: LaneClock, table: KeyedTable): LaneTable {
    const count = table.columns[0]!.length;
    const steps = new StepList(count);
    for (let index = 0; index < count; index++) this.#place(lane, table.at?.[index] ?? Number.NaN, index, steps);
    lane.seen += count;
    return steps.over(table, lane.seen - count);
  }

  /** The last row of a table that would make a step; -1 if there is none. */
  lastStep(lane: LaneClock, table: KeyedTable): number {
    const aside = { ...lane, row: lane.row.slice(), ring: lane.ring.slice() };
    let last = -1;
    const steps = { row: (_: number, index: number) => (last = index), none() {} };
    const count = table.columns[0]!.length;
    for (let index = 0; index < count; index++) this.#place(aside, table.at?.[index] ?? Number.NaN, index, steps);
    return last;
  }

  #place(lane: LaneClock, time: number, index: number, steps: Pick<StepList, 'row' | 'none'>): void {
    const { invalid, duplicate, late, unbelieved } = lane.skipped;
    if (!this.#isValid(time)) {
      lane.skipped = skippedOf(invalid + 1, duplicate, late, unbelieved);
      return;
    }
    const before = this.#clock.latest(lane.row, 0);
    const { kind, missing } = this.#clock.take(lane.row, 0, lane.ring, 0, time);
    const reason = LEFT_OUT[kind];
    if (reason) {
      const { skipped } = lane;
      const counts = { ...skipped, [reason]: skipped[reason] + 1 };
      lane.skipped = skippedOf(counts.invalid, counts.duplicate, counts.late, counts.unbelieved);
    } else if (kind === 'reset') {
      const silent = this.#interval === null ? 0 : Math.round((time - before) / this.#interval) - 1;
      steps.none(SILENT, Math.min(silent, this.#ahead), lane.skipped);
      steps.row(ANEW, index, lane.skipped);
    } else {
      steps.none(EMPTY, missing, lane.skipped);
      steps.row(ROW, index, lane.skipped);
    }
  }
}

/** The steps of the rows of a table, in order. */
class StepList {
  readonly #kinds: number[] = [];
  readonly #from: number[] = [];
  readonly #skipped: Skipped[] = [];
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  row(kind: number, index: number, skipped: Skipped): void {
    this.#kinds.push(kind);
    this.#from.push(index);
    this.#skipped.push(skipped);
  }

  none(kind: number, count: number, skipped: Skipped): void {
    for (let step = 0; step < count; step++) this.row(kind, -1, skipped);
  }

  /** The table with a row for each step. `first` is its first row in the series. */
  over(table: KeyedTable, first: number): LaneTable {
    const from = this.#from;
    const steps = {
      kinds: Uint8Array.from(this.#kinds),
      rows: Float64Array.from(from, (index) => (index < 0 ? -1 : first + index)),
      skipped: this.#skipped,
    };
    // without steps between them and with all rows, the columns stay as they are
    if (from.length === this.#count && from.every((index, step) => index === step)) return { table, steps };
    const pick = (column: Float64Array) => Float64Array.from(from, (index) => column[index] ?? Number.NaN);
    const columns = table.columns.map(pick);
    return { table: { ...table, columns, ...(table.at && { at: pick(table.at) }) }, steps };
  }
}
