import { misfit } from '../base/errors.ts';
import { isRecord, reading } from '../base/values.ts';
import type { KeyedTable } from '../data/series.ts';
import { sliceRows } from '../data/table.ts';
import { Forecast, numberCount, toNumbers } from '../model/forecast.ts';
import { type InputDescription, makeStates, type Model, readsTimes } from '../model/model.ts';
import { isInvalidSample } from '../model/model-state.ts';
import { inputColumns, isComplete, isSilent, withAhead } from './input-columns.ts';
import { rowsBeforePlan } from './plan-rows.ts';
import { knownAhead } from '../model/ahead.ts';
import { NONE_SKIPPED, type Skipped, skippedOf } from '../model/skipped.ts';
import { type LaneGaps, laneGaps } from './lane-gaps.ts';
import { type LaneClock, LaneSteps } from './lane-steps.ts';
import { ANEW, copyRows, EMPTY, joinRows, type LaneTable, SILENT, type Steps } from './lane-table.ts';

/** The part of a model that is needed to run it over tables and series. */
export type RollingModel = Pick<Model, 'description' | typeof makeStates> & Partial<Pick<Model, 'scaler'>>;

/** One series and its state on the way through a model. */
export interface Lane {
  readonly key: string;
  /** The slot of its state. */
  readonly slot: number;
  /** How many rows of its series the lane was given. */
  given: number;
  skipped: Skipped;
  /** Rows that are held back until the rows after them are known. */
  rest: LaneTable | undefined;
  /** Present if its rows are put on even steps. */
  readonly clock: LaneClock | undefined;
}

/**
 * A step that asks for a forecast: after row `index` of `table`, which is row `row` of its series. The rows after it in
 * `table` are the steps after it.
 */
export interface Step {
  readonly lane: Lane;
  readonly table: KeyedTable;
  readonly index: number;
  readonly row: number;
  readonly forecast: Forecast;
  /** The last value of an input up to this row, until the next step is taken. */
  readonly last: (input: number) => number;
  /** The deviation of an input, on the scale of the series after this row, until the next step is taken. */
  readonly deviation: (input: number) => number;
}

export interface RunOptions {
  /** True if a forecast is wanted after this row of a series; `last` is true for the last row that is taken of it. */
  wanted: (row: number, lane: Lane, last: boolean) => boolean;
  /**
   * Row of each series before which its state stops, and true values end; default the end. Rows after it are looked up
   * for what is known ahead.
   */
  to?: number;
}

export interface LaneOptions {
  /**
   * How many rows after a row must be known before its lane passes it; default 0. If columns are known ahead, it waits
   * for the whole horizon.
   */
  ahead?: number;
  /** Room for this many lanes at first. It grows. */
  lanes?: number;
  /** True if the rows are on even steps already, where a hole is rows of missing values. */
  even?: boolean;
}

const FIRST_LANES = 16;

/**
 * Checks only what is used: anything that makes states as a Forecaster does is a model here. Throws `invalid-argument`.
 */
export function checkModel(model: RollingModel): void {
  const fits = reading('model', () => isRecord(model) && typeof model[makeStates] === 'function' && model.description);
  if (fits) return;
  throw misfit('a baseline or a Forecaster', 'model', model);
}

/**
 * The states of all series of a source, a lane for each. All lanes that have a row take it in one native call, and each
 * gets the same bits as alone. If the model was trained with missing values, the rows are put on the steps of a live
 * stream by their times, and missing and absurdly large values are filled as there; otherwise a row with such a value
 * does not advance its lane.
 */
export class Lanes {
  readonly #model: RollingModel;
  readonly #inputs: readonly InputDescription[];
  readonly #states: ReturnType<RollingModel[typeof makeStates]>;
  readonly #numbers: Float64Array;
  readonly #gaps: LaneGaps | undefined;
  readonly #steps: LaneSteps | undefined;
  readonly #even: boolean;
  /** How many rows each lane holds back. */
  readonly #ahead: number;
  /** How many rows a forecast is compared with. */
  readonly #compared: number;
  /** True if the model reads columns that are known ahead. */
  readonly #planned: boolean;
  readonly #lanes = new Map<string, Lane>();

  constructor(model: RollingModel, { ahead = 0, lanes = FIRST_LANES, even = false }: LaneOptions = {}) {
    const { description } = model;
    this.#model = model;
    this.#inputs = description.inputs;
    this.#gaps = laneGaps(model);
    this.#states = model[makeStates](lanes, this.#gaps?.size);
    this.#numbers = new Float64Array(numberCount(description));
    this.#planned = knownAhead(description).length > 0;
    this.#compared = ahead;
    this.#even = even;
    this.#ahead = this.#planned ? Math.max(ahead, description.horizon) : ahead;
    if (this.#gaps && !even) this.#steps = new LaneSteps(description, (time) => this.#takesTime(time), this.#ahead);
  }

  /** The keys so far, in the order of their first rows. */
  get keys(): IterableIterator<string> {
    return this.#lanes.keys();
  }

  /**
   * Takes the next rows of some series, one table for each, with the model's inputs as columns. Yields the wanted
   * forecasts one by one as they are used, because a list for all lanes would outlive the young generation of the heap.
   * Yields undefined after each step of all lanes, so that the caller can let other work run.
   */
  *run(tables: readonly KeyedTable[], options: RunOptions): Generator<Step | undefined> {
    const coded = tables.map((table) => inputColumns(table, this.#model.description));
    const longest = coded.reduce((most, table) => Math.max(most, rowsOf(table)), 0);
    const most = this.#steps?.most ?? longest;
    for (let from = 0; from < longest; from += most) {
      yield* this.#runRows(
        coded.map((table) => this.#enter(table, from, most, options.to)),
        options,
      );
    }
  }

  /**
   * Takes the rows that a run has held back because of columns known ahead, when no more rows follow. Rows after the
   * last value of a target are its plan and take no step.
   */
  *finish(options: RunOptions): Generator<Step | undefined> {
    if (!this.#planned) return;
    const { targets } = this.#model.description;
    const entries = [...this.#lanes.values()].flatMap((lane): Entry[] => {
      if (!lane.rest) return [];
      const entry = this.#entryOf(lane, lane.rest);
      const count = Math.min(rowsBeforePlan(entry.table, targets), rowsBefore(entry, options.to));
      return [{ ...entry, count }];
    });
    yield* this.#runRows(entries, options);
  }

  *#runRows(unsorted: readonly Entry[], { wanted }: RunOptions): Generator<Step | undefined> {
    const entries = unsorted.toSorted((a, b) => b.count - a.count);
    const states = this.#states;
    const taken: Entry[] = [];
    let active = entries.length;
    for (let index = 0; index < (entries[0]?.count ?? 0); index++) {
      while (entries[active - 1]!.count <= index) active -= 1;
      let count = 0;
      for (let e = 0; e < active; e++) {
        const entry = entries[e]!;
        if (entry.steps && !this.#follow(entry.lane, entry.steps, index)) continue;
        if (this.#stage(count, entry, index)) taken[count++] = entry;
        else entry.lane.skipped = skippedOf(entry.lane.skipped.invalid + 1, 0, 0, 0);
      }
      if (count > 0) states.advance(count);
      for (let k = 0; this.#gaps?.imputes && k < count; k++) {
        states.read(k, this.#numbers);
        this.#gaps.keep(states, taken[k]!.lane.slot, this.#numbers);
      }
      for (let k = 0; k < count; k++) {
        const { lane, table, steps, first, count: all } = taken[k]!;
        if (steps?.kinds[index] === EMPTY) continue;
        const row = steps?.rows[index] ?? first + index;
        if (!wanted(row, lane, index === all - 1)) continue;
        states.read(k, this.#numbers);
        const last = (input: number) => this.#gaps?.last(states, lane.slot, input) ?? table.columns[input]![index]!;
        const deviation = (input: number) => states.deviation(lane.slot, input);
        yield { lane, table, index, row, forecast: this.#forecast(lane, table.at?.[index]), last, deviation };
      }
      yield undefined;
    }
  }

  /**
   * The last row of a series that a state would take, if this table were run; undefined if there is none in it, or if
   * only `finish` knows it. Must not be called while `run` runs.
   */
  lastUsable(given: KeyedTable): number | undefined {
    if (this.#planned) return undefined;
    const table = inputColumns(given, this.#model.description);
    const lane = this.#laneOf(table.key);
    let index = rowsOf(table) - 1;
    if (this.#steps) index = this.#steps.lastStep(lane.clock!, table);
    else while (index >= 0 && !this.#stage(0, { lane, table, columns: table.columns }, index)) index -= 1;
    return index < 0 ? undefined : lane.given + index;
  }

  dispose(): void {
    this.#states.dispose();
  }

  /** Takes at most `most` rows of a table, from row `from` on, and finds which a lane passes now. */
  #enter(whole: KeyedTable, from: number, most: number, to?: number): Entry {
    const lane = this.#laneOf(whole.key);
    const own = Math.max(0, Math.min(rowsOf(whole) - from, most));
    const table = own === rowsOf(whole) ? whole : { ...sliceRows(whole, from, from + own), key: whole.key };
    const next = this.#steps ? this.#steps.take(lane.clock!, table) : { table };
    lane.given += own;
    const entry = this.#entryOf(lane, lane.rest ? joinRows(lane.rest, next) : next);
    const known = rowsOf(entry.table);
    // The last row with a value of a target waits as well: only later rows tell whether the table or its plan goes on.
    const before = this.#planned ? rowsBeforePlan(entry.table, this.#model.description.targets) - 1 : known;
    const end = rowsBefore(entry, to) - this.#compared;
    const count = Math.max(0, Math.min(known - this.#ahead, before, end));
    const over = count >= end && to !== undefined && lane.given >= to;
    lane.rest = this.#ahead === 0 || over ? undefined : copyRows(entry, count, known);
    return { ...entry, count };
  }

  #entryOf(lane: Lane, rows: LaneTable): Omit<Entry, 'count'> {
    const { table } = rows;
    return { ...rows, lane, columns: withAhead(table.columns, this.#inputs), first: lane.given - rowsOf(table) };
  }

  /** Brings a lane to just before a step; returns false for one that it does not take. */
  #follow(lane: Lane, { kinds, skipped }: Steps, index: number): boolean {
    if (kinds[index] === SILENT) return false;
    lane.skipped = skipped[index]!;
    if (kinds[index] === ANEW) this.#gaps!.restart(this.#states, lane.slot);
    return true;
  }

  /** Whether the model takes a row of this time; NaN for none. */
  #takesTime(time: number): boolean {
    if (Math.abs(time) === Infinity) return false;
    try {
      this.#states.checkTime(time);
    } catch (error) {
      if (isInvalidSample(error)) return false;
      throw error;
    }
    return true;
  }

  #laneOf(key: string): Lane {
    const known = this.#lanes.get(key);
    if (known) return known;
    const slot = this.#lanes.size;
    if (slot === this.#states.capacity) this.#states.grow(2 * slot);
    this.#gaps?.start(this.#states, slot);
    const lane = { key, slot, given: 0, skipped: NONE_SKIPPED, rest: undefined, clock: this.#steps?.start() };
    this.#lanes.set(key, lane);
    return lane;
  }

  #stage(k: number, { lane, table, steps, columns: all }: StagedRows, index: number): boolean {
    const at = table.at?.[index] ?? Number.NaN;
    const empty = this.#even ? isSilent(table.columns, index) : steps?.kinds[index] === EMPTY;
    const columns = empty && this.#gaps ? [] : all; // to a step without a row, nobody tells a plan
    if (!this.#gaps && !isComplete(columns, this.#inputs, index)) return false;
    try {
      if (!this.#steps && readsTimes(this.#model.description)) this.#states.checkTime(at);
      if (this.#gaps) this.#gaps.write(this.#states, k, lane.slot, columns, index);
      else this.#write(k, columns, index);
      this.#states.stage(k, lane.slot, at);
    } catch (error) {
      if (isInvalidSample(error)) return false;
      throw error;
    }
    return true;
  }

  #write(k: number, columns: readonly Float64Array[], index: number): void {
    const { values } = this.#states;
    const from = k * columns.length;
    for (let i = 0; i < columns.length; i++) values[from + i] = columns[i]![index]!;
  }

  #forecast({ slot, skipped }: Lane, at: number | undefined): Forecast {
    const time = Number.isFinite(at) ? at : undefined;
    return new Forecast(this.#model.description, toNumbers(this.#numbers), time, this.#states.ready(slot), skipped);
  }
}

/** The rows of a series that a run takes. */
interface Entry extends LaneTable {
  readonly lane: Lane;
  /** A column for each input. */
  readonly columns: readonly Float64Array[];
  /** The row of the series that the table begins with, if it has no `steps`. */
  readonly first: number;
  /** How many of its rows are taken now, from the first on. */
  readonly count: number;
}

type StagedRows = Omit<Entry, 'first' | 'count'>;

function rowsOf({ columns }: KeyedTable): number {
  return columns[0]!.length;
}

/** How many rows of a table come before row `to` of the series, with the steps between them. */
function rowsBefore({ table, steps, first }: Omit<Entry, 'count'>, to = Infinity): number {
  if (!steps || to === Infinity) return Math.max(0, Math.min(rowsOf(table), to - first));
  return steps.rows.findLastIndex((row) => row >= 0 && row < to) + 1;
}
