import { GatecastError, misfit } from '../base/errors.ts';
import type { KeyedTable } from '../data/series.ts';
import { columnIndex, rowCount, sliceRows, type Table } from '../data/table.ts';
import { type AheadInput, aheadInputs } from '../model/ahead.ts';
import type { Bounds } from '../model/bounds.ts';
import type { Description } from '../model/description.ts';
import type { ScaleDescription } from '../model/inputs/running-scale.ts';
import { checkGapNames, type Gap, marksOf, unmarked, withMarks } from '../model/gap.ts';
import { headOf } from '../model/heads/heads.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Scaler } from '../model/scaler.ts';
import type { TrainedDescription } from '../model/trained-model.ts';
import { targetBounds } from './bounds.ts';
import { channelsFor } from './channels.ts';
import { draftDescription } from './description.ts';
import type { Split } from './even-steps.ts';
import type { ResolvedOptions } from './options.ts';
import { checkFollowed, checkFuture, checkStatic, withRole } from './roles.ts';
import { scaleFor } from './scale.ts';
import type { Span, WindowShape } from './windows.ts';

/** The rows of one series: where they lie among all rows, and which are for training and for validation. */
export interface SeriesRows {
  table: Table;
  /** The key of the series, if it has one. */
  key?: string;
  /** The series' first row among all rows. */
  offset: number;
  training: Span;
  validation: Span;
}

/** The decisions made before any value is read. */
export interface Plan<D extends TrainedDescription = Description> {
  inputs: string[];
  /** Those of the inputs that are a later value of a column known ahead; left out for none. */
  ahead?: readonly AheadInput[];
  /** One for each target; undefined if no target has bounds. */
  bounds?: Bounds[] | undefined;
  series: SeriesRows[];
  rows: number;
  /** How missing values are filled; undefined if no row with a missing value is to be used, or there is none. */
  gap?: Gap | undefined;
  /** The scale that each series has of its own; undefined for one scale for all. */
  scale?: ScaleDescription | undefined;
  /** The scaler of all inputs, of a model that learns on; undefined to fit one. */
  scaler?: Scaler | undefined;
  /** The course of the cycle of a model that learns on; undefined to fit one. */
  course?: Tensor | undefined;
  /** Whether series, or pieces between holes, that are shorter than a window are learned from too. */
  pieces: boolean;
  /** Series without validation rows, because they are too short. */
  unvalidated?: number;
  /** The description of the model, before learning. */
  description: D;
  /** Shapes of windows to learn from. If too few rows are complete for windows of the first, the next is tried. */
  shapes: WindowShape[];
}

/** Windows at most that go on from one another. */
const CHAIN = 8;

/** Default samples of history before each forecast in training; fewer if the table is short. */
export const LOOKBACK = 96;

/**
 * Splits each series, whose rows are on even steps, and plans the windows: none crosses from one series into another.
 * `splits`: the rows of each series; those of the options by default. Throws `invalid-data` if there are too few rows,
 * and `invalid-argument` for names that no forecaster takes.
 */
export function planTraining(
  tables: readonly KeyedTable[],
  options: ResolvedOptions,
  splits: readonly (Split | undefined)[] = tables.map(() => options.split),
): Plan {
  const { horizon, targets, model } = options;
  const reach = model === 'deepar' ? 1 : horizon; // steps that the network forecasts
  const classes = headOf(options.loss).truths === 'classes';
  const named = columnsRead(tables[0]!, options);
  const future = withRole(tables[0]!, named, 'future').filter((name) => !targets.includes(name));
  checkFuture(tables, future);
  if (model === 'deepar') checkFollowed(tables[0]!, named, targets);
  checkStatic(tables, withRole(tables[0]!, named, 'static'));
  const gap = gapOf(tables, named, options.gap) ?? (future.length > 0 ? 'hold' : undefined); // plans end
  const ahead = aheadInputs(future, reach);
  const scalable = named.filter((name) => !future.includes(name)); // a value has one scale, whenever it is known
  const inputs = withMarks([...named, ...ahead.map(({ name }) => name)], gap);
  const series = layOut(tables, splits);
  const channels = channelsFor(options, series, named);
  const train = longest(series.map(({ training }) => training));
  const validation = longest(series.map(({ validation }) => validation));
  const lookback = options.lookback ?? Math.max(1, Math.min(LOOKBACK, Math.floor((train - horizon) / 4)));
  if (options.attention > lookback) {
    throw misfit(`at most ${lookback}, the lookback,`, 'options.attention', options.attention);
  }
  if (validation < horizon || train < lookback + horizon) {
    throw new GatecastError(
      'invalid-data',
      `Expected at least ${lookback + horizon} rows to learn from (lookback ${lookback} + horizon ${horizon}) and ` +
        `${horizon} to validate on, but found ${train} and ${validation}.`,
    );
  }
  // With a carried state, every step after the warm-up learns, so longer windows waste less on the warm-up.
  const most = options.memory === 'window' ? 1 : Math.min(lookback, train - horizon - lookback + 1);
  const steps = stepsOf(series, most, reach);
  const split = options.split ? series : series.map((rows) => withValidation(rows, steps + reach - 1));
  const plan = {
    inputs,
    ahead,
    bounds: classes ? undefined : targetBounds(tables, options),
    series: split,
    rows: tables.reduce((sum, table) => sum + rowCount(table), 0),
    gap,
    scale: scaleFor(
      series.map(trainingRows),
      scalable,
      gap,
      { ...options, channels, ...(classes && { targets: [] }) },
      lookback,
    ),
    pieces: true,
    unvalidated: split.filter(({ validation }) => validation.to === validation.from).length,
    shapes: [
      {
        window: lookback - 1 + steps,
        warmup: lookback - 1,
        horizon: reach,
        freeSteps: 0,
        ...(options.stateful && { chain: CHAIN }),
      },
    ],
  };
  return { ...plan, description: draftDescription(plan, { ...options, horizon: reach, channels }) };
}

/**
 * The columns that the network reads: those listed and then the targets; of 'all', the targets and then the others by
 * name, so that the order of columns in the data is no matter. A target that is asked of the newest sample is not read.
 * Throws `invalid-data` for a target that is no column, and `invalid-argument` if nothing is left to read.
 */
function columnsRead(table: Table, { inputs = [], targets, horizon }: ResolvedOptions): string[] {
  for (const target of targets) columnIndex(table, target);
  const listed = inputs === 'all' ? table.names.toSorted() : inputs;
  const read = inputs === 'all' ? [...targets, ...listed] : [...listed, ...targets];
  const names = [...new Set(read)].filter((name) => horizon > 0 || !targets.includes(name));
  if (names.length > 0) return names;
  throw misfit(`a column beside ${targets.join(', ')}, to tell it from,`, 'options.inputs', inputs);
}

/**
 * How many steps of a window learn: `most`, or as many as the validation rows of a series hold. Of many series, those
 * count that hold at least half as many as the longest, so that a few short ones do not shorten all windows.
 */
function stepsOf(series: readonly SeriesRows[], most: number, horizon: number): number {
  const held = series.map(({ validation: { from, to } }) => Math.min(most, to - from - horizon + 1));
  const longest = held.reduce((a, b) => Math.max(a, b));
  return held.filter((steps) => 2 * steps >= longest).reduce((a, b) => Math.min(a, b));
}

/** The rows of a series, all for training if those for validation are fewer than `least`. */
export function withValidation(rows: SeriesRows, least: number): SeriesRows {
  const { training, validation } = rows;
  if (validation.to - validation.from >= least) return rows;
  const end = validation.to;
  return { ...rows, training: { from: training.from, to: end }, validation: { from: end, to: end } };
}

/**
 * The policies for missing values: those given, or else 'hold' if there are any. Undefined if there is nothing to fill.
 * If one policy for all tells the network what is missing, it is that of the inputs that are missing at times: nothing
 * can be learned about the others, so they are not told of.
 */
export function gapOf(tables: readonly Table[], names: readonly string[], given: Gap | undefined): Gap | undefined {
  if (typeof given === 'object') {
    checkGapNames(given, names, 'options.gap');
    return given;
  }
  const complete = (name: string) =>
    tables.every((table) => {
      const column = table.names.indexOf(name); // the table need not have inputs that tell of others
      const needed = column >= 0 && table.words?.[column] === undefined; // no word is a word of its own
      return !needed || table.columns[column]!.every(Number.isFinite);
    });
  const holed = unmarked(names, given).filter((name) => !complete(name));
  if (given === undefined) return holed.length > 0 ? 'hold' : undefined;
  return marksOf(given, '').length > 0 ? Object.fromEntries(holed.map((name) => [name, given])) : given;
}

export function layOut(tables: readonly KeyedTable[], splits: readonly (Split | undefined)[]): SeriesRows[] {
  let offset = 0;
  return tables.map((table, i) => {
    const rows = rowCount(table);
    const train = splits[i]?.train ?? Math.floor(rows * 0.8);
    const validation = splits[i]?.validation ?? rows - train;
    const middle = offset + train;
    const placed = {
      table,
      key: table.key,
      offset,
      training: { from: offset, to: middle },
      validation: { from: middle, to: middle + validation },
    };
    offset += rows;
    return placed;
  });
}

/** The rows of a series to learn from, and those before them. */
export function trainingRows({ table, offset, training }: SeriesRows): Table {
  return sliceRows(table, 0, training.to - offset);
}

export function longest(spans: readonly Span[]): number {
  return spans.reduce((most, { from, to }) => Math.max(most, to - from), 0);
}
