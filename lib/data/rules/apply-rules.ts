import { GatecastError, misfit } from '../../base/errors.ts';
import { chunksOf, type KeyedTable, nameOf, type Series } from '../series.ts';
import { checkTable, type Table } from '../table.ts';
import { evenInterval } from './even-interval.ts';
import { sortRows } from './order.ts';
import { outlyingTimes } from './outlying.ts';
import { checkRules, type RulesOptions } from './rules-options.ts';
import type { Segment } from './segments.ts';
import { SeriesRules } from './series-rules.ts';

/** What the rules did to the rows of one series, or of several. */
export interface RulesReport {
  /** How many series it is about. */
  readonly series: number;
  /** Rows given. */
  readonly rows: number;
  /** Time between steps [ms]; null if rows were taken as they come. */
  readonly interval: number | null;
  /** Rows without a time, which were left out. */
  readonly untimed: number;
  /** Series whose rows were all in reverse order. */
  readonly newestFirst: number;
  /** Rows that came after a later one, and were put in their place. */
  readonly moved: number;
  /** Times of rows far away from all others, which were left out [ms]. */
  readonly outlying: readonly number[];
  /** Further rows of a step that has one. */
  readonly duplicates: number;
  /** Rows left out because they are earlier than the one before; 0 if rows were sorted. */
  readonly tooLate: number;
  /** Rows left out because their time was too far ahead to be believed at once. */
  readonly suspects: number;
  /** Steps without a row within the segments. */
  readonly missing: number;
  readonly segments: number;
}

/** The rows of a series by segments, in time order, and what was done for that. */
export interface Ruled<T extends Table = Table> {
  readonly segments: readonly T[];
  readonly report: RulesReport;
}

/**
 * Puts the rows of a series in time order, leaves out rows whose time cannot be right, keeps one row for each step, and
 * puts them on an even grid: the steps that a live stream takes, or those of `every`. A gap longer than
 * `maxGap` begins a new segment. A table without times is returned as it is.
 *
 * Throws `invalid-argument` for wrong options, and `invalid-data` for what the options refuse, for uneven times without
 * `every` or `interval`, and for an interval at which nearly all rows would be missing.
 */
export function applyRules<T extends Table>(table: T, options: RulesOptions = {}, name = 'the table'): Ruled<T> {
  checkTable(table, name);
  const rules = checkRules(options);
  const rows = table.columns[0]?.length ?? 0;
  if (!table.at) return { segments: [table], report: { ...NOTHING, rows, segments: 1 } };
  const all = sortRows(table, 'sort', name);
  const outlying = outlyingTimes(all.table.at!, rules.maxGap ?? 0);
  // a false time does not make the rows after it late ones
  const sorted =
    outlying.length === 0 && rules.order === 'sort' ? all : sortRows(withoutTimes(table, outlying), rules.order, name);
  const { table: near, moved, newestFirst } = sorted;
  const untimed = sorted.untimed - outlying.length;
  const interval = rules.every ?? (rules.interval === undefined ? evenInterval(near.at!, name) : rules.interval);
  const series = new SeriesRules(rules, interval, near);
  series.add(near);
  const segments = series.take(true).map((segment) => segment.table as T);
  const report = {
    ...NOTHING,
    rows,
    interval,
    moved,
    outlying,
    ...series.counts,
    untimed,
    newestFirst: newestFirst ? 1 : 0,
  };
  return { segments: near === table && series.leavesAsIs ? [table] : segments, report };
}

/** A chunk of a segment of a series. */
export type SegmentChunk = KeyedTable & Pick<Segment, 'segment'>;

/**
 * Applies the rules to series in chunks, of which it is known that their rows are in time order and none has an
 * outlying time. A row that goes back is left out, as a live stream does, or refused. `report` is called at the end of
 * each series. Memory grows with the number of series, not with that of rows. Throws as `applyRules` does, and
 * `invalid-argument` if neither `interval` nor `every` is given.
 */
export async function* applyRulesInOrder(
  series: Series,
  options: RulesOptions,
  report: (key: string, report: RulesReport) => void = () => {},
): AsyncGenerator<SegmentChunk> {
  const rules = checkRules(options);
  const interval = rules.every ?? rules.interval;
  if (interval === undefined) throw misfit('an interval or null', 'options.interval', interval);
  const states = new Map<string, { rows: number; rules: SeriesRules }>();
  for await (const chunk of chunksOf(series)) {
    if (!chunk.at) {
      yield { ...chunk, segment: 0 };
      continue;
    }
    let state = states.get(chunk.key);
    if (!state) {
      state = { rows: 0, rules: new SeriesRules(rules, interval, chunk) };
      states.set(chunk.key, state);
    }
    state.rows += chunk.at.length;
    state.rules.add(chunk);
    if (rules.order === 'refuse' && state.rules.counts.tooLate > 0) throw backward(chunk.key);
    for (const { table, segment } of state.rules.take(false)) yield { ...table, key: chunk.key, segment };
  }
  for (const [key, state] of states) {
    for (const { table, segment } of state.rules.take(true)) yield { ...table, key, segment };
    report(key, { ...NOTHING, rows: state.rows, interval, ...state.rules.counts });
  }
}

/** A table in which these times are missing. */
function withoutTimes<T extends Table>(table: T, times: readonly number[]): T {
  if (times.length === 0) return table;
  const set = new Set(times);
  return { ...table, at: table.at!.map((time) => (set.has(time) ? Number.NaN : time)) };
}

function backward(key: string): GatecastError {
  return new GatecastError('invalid-data', `Expected rows in time order in ${nameOf(key)} but a row goes back.`);
}

const NOTHING: RulesReport = {
  series: 1,
  rows: 0,
  interval: null,
  untimed: 0,
  newestFirst: 0,
  moved: 0,
  outlying: [],
  duplicates: 0,
  tooLate: 0,
  suspects: 0,
  missing: 0,
  segments: 0,
};
