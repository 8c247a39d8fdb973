import { misfit } from '../base/errors.ts';
import { isRecord, reading } from '../base/values.ts';
import type { KeyedTable } from '../data/series.ts';
import { joinTables, sliceRows } from '../data/table.ts';
import { Forecast, numberCount, toNumbers } from '../model/forecast.ts';
import { type InputDescription, makeStates, type Model } from '../model/model.ts';
import { isInvalidSample } from '../model/model-state.ts';
import { inputColumns, isComplete, withAhead } from './input-columns.ts';
import { rowsBeforePlan } from './plan-rows.ts';
import { knownAhead } from '../model/ahead.ts';
import { NONE_SKIPPED, type Skipped, skippedOf } from '../model/skipped.ts';
import { type LaneGaps, laneGaps } from './lane-gaps.ts';

/** The part of a model that is needed to run it over tables and series. */
export type RollingModel = Pick<Model, 'description' | typeof makeStates> & Partial<Pick<Model, 'scaler'>>;

/** One series and its state on the way through a model. */
export interface Lane {
  readonly key: string;
  /** The slot of its state. */
  readonly slot: number;
  /** How many rows its state has passed, including those left out. */
  row: number;
  skipped: Skipped;
  /** Rows that are held back until the rows after them are known. */
  rest: KeyedTable | undefined;
}

/** A step that asks for a forecast: after row `index` of `table`, which is row `row` of its series. */
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
  /** Row of each series before which its state stops; default the end. */
  to?: number;
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
 * gets the same bits as alone. Missing and absurdly large values are filled as in a live stream if the model was
 * trained with missing values; otherwise a row with such a value does not advance its lane.
 */
export class Lanes {
  readonly #model: RollingModel;
  readonly #inputs: readonly InputDescription[];
  readonly #states: ReturnType<RollingModel[typeof makeStates]>;
  readonly #numbers: Float64Array;
  readonly #gaps: LaneGaps | undefined;
  /** How many rows each lane holds back. */
  readonly #ahead: number;
  /** True if the model reads columns that are known ahead. */
  readonly #planned: boolean;
  readonly #lanes = new Map<string, Lane>();

  /**
   * With `ahead`, a lane passes a row only when the `ahead` rows after it are known; if columns are known ahead, when
   * those of the whole horizon are. `lanes` is the initial room, which grows.
   */
  constructor(model: RollingModel, ahead = 0, lanes = FIRST_LANES) {
    this.#model = model;
    this.#inputs = model.description.inputs;
    this.#gaps = laneGaps(model);
    this.#states = model[makeStates](lanes, this.#gaps?.size);
    this.#numbers = new Float64Array(numberCount(model.description));
    this.#planned = knownAhead(model.description).length > 0;
    this.#ahead = this.#planned ? Math.max(ahead, model.description.horizon) : ahead;
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
    yield* this.#steps(
      tables.map((table) => this.#enter(table, options.to)),
      options,
    );
  }

  /**
   * Takes the rows that a run has held back because of columns known ahead, when no more rows follow. Rows after the
   * last value of a target are its plan and take no step.
   */
  *finish(options: RunOptions): Generator<Step | undefined> {
    if (!this.#planned) return;
    const { targets } = this.#model.description;
    const { to = Infinity } = options;
    const entries = [...this.#lanes.values()].flatMap((lane): Entry[] => {
      if (!lane.rest) return [];
      const rows = Math.max(0, Math.min(rowsBeforePlan(lane.rest, targets), to - lane.row));
      return [{ lane, table: lane.rest, columns: withAhead(lane.rest.columns, this.#inputs), rows }];
    });
    yield* this.#steps(entries, options);
  }

  *#steps(given: readonly Entry[], { wanted }: RunOptions): Generator<Step | undefined> {
    const entries = given.toSorted((a, b) => b.rows - a.rows);
    const states = this.#states;
    const taken: Entry[] = [];
    let active = entries.length;
    for (let index = 0; index < (entries[0]?.rows ?? 0); index++) {
      while (entries[active - 1]!.rows <= index) active -= 1;
      let count = 0;
      for (let e = 0; e < active; e++) {
        const entry = entries[e]!;
        if (this.#stage(count, entry, index)) taken[count++] = entry;
        else entry.lane.skipped = skippedOf(entry.lane.skipped.invalid + 1, 0, 0, 0);
      }
      if (count > 0) states.advance(count);
      for (let k = 0; this.#gaps?.imputes && k < count; k++) {
        states.read(k, this.#numbers);
        this.#gaps.keep(states, taken[k]!.lane.slot, this.#numbers);
      }
      for (let k = 0; k < count; k++) {
        const { lane, table, rows } = taken[k]!;
        const row = lane.row + index;
        if (!wanted(row, lane, index === rows - 1)) continue;
        states.read(k, this.#numbers);
        const last = (input: number) => this.#gaps?.last(states, lane.slot, input) ?? table.columns[input]![index]!;
        const deviation = (input: number) => states.deviation(lane.slot, input);
        yield { lane, table, index, row, forecast: this.#forecast(lane, table.at?.[index]), last, deviation };
      }
      yield undefined;
    }
    for (const { lane, rows } of entries) lane.row += rows;
  }

  /**
   * The last row of a table that a state can take; -1 if there is none, or if only `finish` knows it. Must not be
   * called while `run` runs.
   */
  lastUsable(given: KeyedTable): number {
    if (this.#planned) return -1;
    const table = inputColumns(given, this.#model.description);
    let index = table.columns[0]!.length - 1;
    if (this.#gaps) return index;
    const entry = { lane: this.#laneOf(table.key), table, columns: table.columns };
    while (index >= 0 && !this.#stage(0, entry, index)) index -= 1;
    return index;
  }

  dispose(): void {
    this.#states.dispose();
  }

  #enter(next: KeyedTable, to = Infinity): Entry {
    const lane = this.#laneOf(next.key);
    const coded = inputColumns(next, this.#model.description);
    const table = lane.rest ? { ...joinTables([lane.rest, coded]), key: next.key } : coded;
    const known = table.columns[0]!.length;
    // The last row with a value of a target waits as well: only later rows tell whether the table or its plan goes on.
    const own = this.#planned ? rowsBeforePlan(table, this.#model.description.targets) - 1 : known;
    const rows = Math.max(0, Math.min(known - this.#ahead, own, to - lane.row));
    if (this.#ahead > 0) lane.rest = lane.row + rows < to ? copyOf(table, rows, known) : undefined;
    return { lane, table, columns: withAhead(table.columns, this.#inputs), rows };
  }

  #laneOf(key: string): Lane {
    const known = this.#lanes.get(key);
    if (known) return known;
    const slot = this.#lanes.size;
    if (slot === this.#states.capacity) this.#states.grow(2 * slot);
    this.#gaps?.start(this.#states, slot);
    const lane = { key, slot, row: 0, skipped: NONE_SKIPPED, rest: undefined };
    this.#lanes.set(key, lane);
    return lane;
  }

  #stage(k: number, { lane, table, columns }: Omit<Entry, 'rows'>, index: number): boolean {
    const at = table.at?.[index] ?? Number.NaN;
    if (!this.#gaps && !isComplete(columns, this.#inputs, index)) return false;
    try {
      if (this.#model.description.calendar) this.#states.checkTime(at);
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
interface Entry {
  readonly lane: Lane;
  readonly table: KeyedTable;
  /** A column for each input. */
  readonly columns: readonly Float64Array[];
  /** How many of its rows are taken now, from the first on. */
  readonly rows: number;
}

/** A copy, so that the table itself can be released. */
function copyOf(table: KeyedTable, from: number, to: number): KeyedTable {
  const { columns, at, ...others } = sliceRows(table, from, to);
  return {
    ...others,
    key: table.key,
    columns: columns.map((column) => column.slice()),
    ...(at && { at: at.slice() }),
  };
}
