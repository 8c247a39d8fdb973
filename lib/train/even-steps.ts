import { GatecastError } from '../base/errors.ts';
import { applyRules, type RulesReport } from '../data/rules/apply-rules.ts';
import { requireEven } from '../data/rules/even-interval.ts';
import { sortRows } from '../data/rules/order.ts';
import { outlyingTimes } from '../data/rules/outlying.ts';
import { rulesWords, sumReports } from '../data/rules/rules-words.ts';
import { spacingOf } from '../data/rules/spacing.ts';
import { type KeyedTable, nameOf } from '../data/series.ts';
import { joinTables, rowCount, type Table } from '../data/table.ts';
import type { ResolvedOptions } from './options.ts';

/** How many rows of a series are for training, and how many after them for validation. */
export type Split = NonNullable<ResolvedOptions['split']>;

/** Series on even steps, as the streams of their forecaster see them. */
export interface EvenSeries {
  readonly tables: readonly KeyedTable[];
  /** For each series the given split, in rows of its table now. */
  readonly splits: readonly (Split | undefined)[];
  /** Time between steps [ms]; null if rows are taken as they come, undefined if no series has times. */
  readonly interval: number | null | undefined;
  /** What was done, as sentences. */
  readonly notes: readonly string[];
}

/**
 * Puts the rows of series with times on even steps, as the clock of a live stream does: in time order, one for each
 * step, and rows of missing values for steps without one. Of a hole longer than `lookback` steps, `lookback` of them
 * stand for all, or `horizon` if that is more: nothing is learned or read ahead across it. A series that has its rows
 * on even steps stays the same table, and so does one without times, or with one time for all rows.
 *
 * Throws `invalid-data` for uneven times without an interval, for an interval at which nearly all rows would be
 * missing, and for a split of more rows than there are.
 */
export function evenSeries(
  tables: readonly KeyedTable[],
  { interval: given, split, horizon }: Pick<ResolvedOptions, 'interval' | 'split' | 'horizon'>,
  lookback: number,
): EvenSeries {
  const timed = tables.filter(isTimed);
  const interval = given === undefined && timed.length > 0 ? usualInterval(timed) : given;
  const reports: RulesReport[] = [];
  const even = tables.map((table) => {
    if (!isTimed(table)) return table;
    const maxGap = interval === null ? null : lookback * interval!;
    const { segments, report } = applyRules(table, { interval: interval!, maxGap }, nameOf(table.key));
    reports.push(report);
    return segments.length === 1 ? segments[0]! : joinSegments(segments, Math.max(lookback, horizon));
  });
  const sum = sumReports(reports);
  return {
    tables: even,
    splits: tables.map((table, i) => split && splitOf(table, even[i]!, split)),
    interval,
    notes: sum ? rulesWords(sum, 'first') : [],
  };
}

/** Whether rows have times that tell one from another. */
function isTimed({ at }: Table): boolean {
  const first = at?.find((time) => !Number.isNaN(time));
  return first !== undefined && at!.some((time) => !Number.isNaN(time) && time !== first);
}

/** The time between steps that fits all series [ms]. */
function usualInterval(tables: readonly KeyedTable[]): number | null {
  const sorted = tables.map((table) => sortRows(table, 'sort').table);
  const steps = new Float64Array(sorted.reduce((sum, { at }) => sum + at!.length - 1, 0));
  let count = 0;
  for (const { at } of sorted) for (let row = 1; row < at!.length; row++) steps[count++] = at![row]! - at![row - 1]!;
  const spacing = spacingOf(steps);
  return spacing.even ? spacing.interval : requireEven(spacing, meanStep(sorted), namesOf(tables));
}

/** The mean step of series in time order [ms], but for times far from all others. */
function meanStep(tables: readonly Table[]): number {
  const times = tables.map(({ at }) => {
    const outlying = new Set(outlyingTimes(at!, 0));
    return at!.filter((time) => !outlying.has(time));
  });
  const span = times.reduce((sum, at) => sum + at.at(-1)! - at[0]!, 0);
  return span / times.reduce((sum, { length }) => sum + length - 1, 0);
}

function namesOf(tables: readonly KeyedTable[]): string {
  return tables.length === 1 ? nameOf(tables[0]!.key) : 'the series';
}

/** One table of all segments, between which are `rows` rows of missing values. */
function joinSegments(segments: readonly KeyedTable[], rows: number): KeyedTable {
  const parts = segments.flatMap((segment, i) => {
    const next = segments[i + 1]?.at?.[0];
    if (next === undefined) return [segment];
    const last = segment.at!.at(-1)!;
    const at = Float64Array.from({ length: rows }, (_, k) => last + ((next - last) * (k + 1)) / (rows + 1));
    return [segment, { ...segment, columns: segment.columns.map(() => new Float64Array(rows).fill(Number.NaN)), at }];
  });
  return { ...joinTables(parts), key: segments[0]!.key };
}

/** A split of the rows of a table, in rows of the same series on even steps. */
function splitOf(table: KeyedTable, even: KeyedTable, { train, validation }: Split): Split {
  const rows = rowCount(table);
  if (train + validation > rows) {
    throw new GatecastError(
      'invalid-data',
      `Expected ${train} + ${validation} rows for training and validation but ${nameOf(table.key)} has ${rows}.`,
    );
  }
  if (even === table) return { train, validation };
  const times = table.at!.filter((time) => !Number.isNaN(time)).sort();
  const before = (count: number) => {
    const untimed = table.at!.subarray(0, count).filter(Number.isNaN).length;
    const next = times[count - untimed];
    const place = next === undefined ? -1 : even.at!.findIndex((time) => time >= next);
    return place < 0 ? even.at!.length : place;
  };
  return { train: before(train), validation: before(train + validation) - before(train) };
}
