import { GatecastError } from '../base/errors.ts';
import { type KeyedTable, nameOf } from '../data/series.ts';
import { columnIndex, rowCount, type Table } from '../data/table.ts';
import type { Bounds } from '../model/bounds.ts';
import type { Description } from '../model/description.ts';
import { targetBounds } from './bounds.ts';
import { draftDescription } from './description.ts';
import type { ResolvedOptions } from './options.ts';
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
export interface Plan {
  inputs: string[];
  /** One for each target; undefined if no target has bounds. */
  bounds?: Bounds[] | undefined;
  series: SeriesRows[];
  rows: number;
  /** The description of the forecaster, before learning. */
  description: Description;
  /** Shapes of windows to learn from. If missing values leave too few windows of the first, the next is tried. */
  shapes: WindowShape[];
}

/** Default samples of history before each forecast in training; fewer if the table is short. */
export const LOOKBACK = 96;

/**
 * Splits each series in time order and plans the windows: none crosses from one series into another. Throws
 * `invalid-data` if there are too few rows, and `invalid-argument` for names that no forecaster takes.
 */
export function planTraining(tables: readonly KeyedTable[], options: ResolvedOptions): Plan {
  const inputs = [...(options.inputs === 'all' ? tables[0]!.names : (options.inputs ?? []))];
  for (const target of options.targets) {
    columnIndex(tables[0]!, target);
    if (!inputs.includes(target)) inputs.push(target);
  }
  const series = layOut(tables, options);
  const { horizon } = options;
  const train = longest(series.map(({ training }) => training));
  const validation = longest(series.map(({ validation }) => validation));
  const lookback = options.lookback ?? Math.max(1, Math.min(LOOKBACK, Math.floor((train - horizon) / 4)));
  if (validation < horizon || train < lookback + horizon) {
    throw new GatecastError(
      'invalid-data',
      `Expected at least ${lookback + horizon} rows to learn from (lookback ${lookback} + horizon ${horizon}) and ` +
        `${horizon} to validate on, but found ${train} and ${validation}.`,
    );
  }
  const shapes: WindowShape[] = [];
  for (let length = lookback; length >= 1; length = options.lookback === undefined ? Math.floor(length / 2) : 0) {
    // With a carried state, every step after the warm-up learns, so longer windows waste less on the warm-up.
    const steps =
      options.memory === 'window' ? 1 : Math.min(length, train - horizon - length + 1, validation - horizon + 1);
    shapes.push({ window: length - 1 + steps, warmup: length - 1, horizon, freeSteps: 0 });
  }
  const rows = tables.reduce((sum, table) => sum + rowCount(table), 0);
  const plan = { inputs, bounds: targetBounds(tables, options), series, rows, shapes };
  return { ...plan, description: draftDescription(plan, options) };
}

function layOut(tables: readonly KeyedTable[], options: ResolvedOptions): SeriesRows[] {
  let offset = 0;
  return tables.map((table) => {
    const rows = rowCount(table);
    const train = options.split?.train ?? Math.floor(rows * 0.8);
    const validation = options.split?.validation ?? rows - train;
    if (train + validation > rows) {
      throw new GatecastError(
        'invalid-data',
        `Expected ${train} + ${validation} rows for training and validation but ${nameOf(table.key)} has ${rows}.`,
      );
    }
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

function longest(spans: readonly Span[]): number {
  return Math.max(...spans.map(({ from, to }) => to - from));
}
