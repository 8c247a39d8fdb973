import { Zone } from '../base/zone.ts';
import { columnIndex } from '../data/table.ts';
import { type CalendarPart, calendarParts } from '../model/inputs/calendar.ts';
import type { SeriesRows } from './plan.ts';

/** Into how many parts a period is cut, whose means are compared. */
type Bins = Readonly<Record<CalendarPart, number>>;
const COARSE: Bins = { 'minute-of-hour': 12, hour: 24, weekday: 28, 'day-of-year': 12 };
const FINE: Bins = { 'minute-of-hour': 12, hour: 24, weekday: 168, 'day-of-year': 12 };

/** A rhythm that explains a smaller share of the rows that it was not found in is not one that helps to forecast. */
const LEAST_SHARE = 0.02;

/**
 * A level that makes up more than this share of the variance moves. It is 0.95 for the oil of ETTh1, which copies at
 * other levels help, and 0.4 for its load HUFL, which they harm.
 */
const MOVING = 0.5;

/** Most series that are looked at, and most rows of each, spread evenly over all: more would only take time. */
const MOST_SERIES = 64;
const MOST_ROWS = 2 ** 17;

/** Numbers of one target in the training rows of one series, with their local times. */
interface Values {
  readonly local: readonly number[];
  readonly values: Float64Array;
  readonly bins: Bins;
}

/**
 * The training rows of the targets, which are searched for rhythms in two views. Measuring noise hides a rhythm in the
 * changes from row to row, and a level that wanders hides it in the values.
 */
export class TrainingValues {
  readonly #values: Values[] = [];
  readonly #changes: Values[] = [];

  constructor(series: readonly SeriesRows[], targets: readonly string[], zoneName: string) {
    const zone = Zone.of(zoneName);
    const stride = Math.ceil(series.length / MOST_SERIES);
    for (const { table, offset, training } of series.filter((_, i) => i % stride === 0)) {
      for (const target of targets) {
        const column = table.columns[columnIndex(table, target)]!.subarray(0, training.to - offset);
        const step = Math.ceil(column.length / MOST_ROWS);
        const rows: number[] = [];
        for (let row = 0; row < column.length; row += step) if (Number.isFinite(column[row])) rows.push(row);
        const local = rows.map((row) => table.at![row]! + zone.offset(table.at![row]!));
        const values = Float64Array.from(rows, (row) => column[row]!);
        this.#values.push({ local, values, bins: COARSE });
        const changes = values.map((value, i) => value - values[Math.max(0, i - 1)]!);
        this.#changes.push({ local, values: changes, bins: FINE });
      }
    }
  }

  /**
   * Whether a rhythm is there: the mean course of every other period explains the periods between. If it is, the course
   * is taken out, so that a slower rhythm is found beside it and not in its place.
   */
  take(part: CalendarPart): boolean {
    const views = [this.#values, this.#changes];
    if (!views.some((view) => explained(view, part) >= LEAST_SHARE)) return false;
    for (const one of views.flat()) {
      const course = courseOf(withoutLevels(one, part), one.bins[part], () => true);
      one.local.forEach((time, i) => {
        one.values[i]! -= course[binOf(part, one.bins, time)]!;
      });
    }
    return true;
  }

  /** Whether the means of single periods differ much, so that a forecast meets levels that no row has had. */
  moves(part: CalendarPart): boolean {
    let [within, all] = [0, 0];
    for (const one of this.#values) {
      const { values } = one;
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      if (!(variance > 0)) continue;
      const changes = withoutLevels(one, part).values;
      within += changes.reduce((sum, value) => sum + value * value, 0) / variance;
      all += changes.length;
    }
    return all === 0 || 1 - within / all > MOVING;
  }
}

/** The share of the variance within periods that the mean course of every other period explains in those between. */
function explained(view: readonly Values[], part: CalendarPart): number {
  let [left, all] = [0, 0];
  for (const one of view) {
    const inPeriods = withoutLevels(one, part);
    const { values, periods, bins } = inPeriods;
    const courses = [0, 1].map((own) => courseOf(inPeriods, one.bins[part], (period) => period % 2 !== own));
    const total = values.reduce((sum, value) => sum + value * value, 0);
    if (total === 0) continue;
    const rest = values.reduce((sum, value, i) => sum + (value - courses[periods[i]! % 2]![bins[i]!]!) ** 2, 0);
    // each series counts by its rows, whatever its unit
    left += (values.length * rest) / total;
    all += values.length;
  }
  return all === 0 ? 0 : 1 - left / all;
}

interface InPeriods {
  readonly values: readonly number[];
  readonly periods: readonly number[];
  readonly bins: readonly number[];
}

/** The values less the mean of their period, of all periods that are complete. */
function withoutLevels({ local, values, bins }: Values, part: CalendarPart): InPeriods {
  const { period } = calendarParts[part];
  const [first, last] = [local[0]!, local.at(-1)!];
  const step = (last - first) / Math.max(1, local.length - 1);
  const complete = Math.floor((last - first + step) / period);
  const periods = local.map((time) => Math.floor((time - first) / period));
  const rows = [...local.keys()].filter((i) => periods[i]! >= 0 && periods[i]! < complete);
  const levels = new Map<number, { sum: number; count: number }>();
  for (const i of rows) {
    const level = levels.get(periods[i]!) ?? { sum: 0, count: 0 };
    levels.set(periods[i]!, { sum: level.sum + values[i]!, count: level.count + 1 });
  }
  const levelAt = (i: number) => {
    const { sum, count } = levels.get(periods[i]!)!;
    return sum / count;
  };
  return {
    values: rows.map((i) => values[i]! - levelAt(i)),
    periods: rows.map((i) => periods[i]!),
    bins: rows.map((i) => binOf(part, bins, local[i]!)),
  };
}

/** The mean in each bin, over the periods that `of` takes; 0 without a value. */
function courseOf({ values, periods, bins }: InPeriods, count: number, of: (period: number) => boolean): Float64Array {
  const sums = new Float64Array(count);
  const counts = new Float64Array(count);
  values.forEach((value, i) => {
    if (!of(periods[i]!)) return;
    sums[bins[i]!]! += value;
    counts[bins[i]!]! += 1;
  });
  return sums.map((sum, bin) => (counts[bin] === 0 ? 0 : sum / counts[bin]!));
}

/** Samples lie where bins begin, on the hour for example: rounding must not put them into the bin before. */
const ROUNDING = 1e-6;

function binOf(part: CalendarPart, bins: Bins, local: number): number {
  return Math.floor(calendarParts[part].phase(local) * bins[part] + ROUNDING) % bins[part];
}
