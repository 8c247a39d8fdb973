import { milliseconds } from '../base/duration.ts';
import { misfit } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import { type CalendarDescription, calendarParts } from '../model/inputs/calendar.ts';
import { type CycleDescription, MAX_PHASES, Phases } from '../model/inputs/cycle.ts';
import type { Scaler } from '../model/scaler.ts';
import type { ResolvedOptions } from './options.ts';
import type { SeriesRows } from './plan.ts';

const DAY = calendarParts.hour.period;
const WEEK = calendarParts.weekday.period;

/** How often the training rows must go through a cycle, so that its course is more than what happened once. */
const PERIODS = 4;

/**
 * The cycle of a training; undefined for none. 'auto' takes the week or the day, if the calendar has found that the
 * targets follow it. Throws `invalid-argument` for a cycle that does not fit the rows.
 */
export function cycleFor(
  series: readonly SeriesRows[],
  { cycle, zone, scale }: Pick<ResolvedOptions, 'cycle' | 'zone' | 'scale'>,
  calendar: CalendarDescription | undefined,
  interval: number | null,
): CycleDescription | undefined {
  if (cycle === 'none') return undefined;
  const wrong = (what: string) => misfit(what, 'options.cycle', cycle);
  if (cycle === 'auto') {
    if ((scale !== undefined && series.length > 1) || interval === null) return undefined;
    const period = [WEEK, DAY].find((period) => follows(calendar, period) && fits(series, period, interval));
    return period === undefined ? undefined : { period, phases: Math.round(period / interval), zone };
  }
  if (series.some(({ table }) => table.at === undefined) || interval === null) {
    throw wrong('rows with times on even steps, for a cycle,');
  }
  const period = milliseconds(cycle, 'options.cycle');
  const phases = Math.round(period / interval);
  if (phases < 2 || phases > MAX_PHASES) throw wrong(`2 to ${MAX_PHASES} steps of ${interval} ms, for a cycle,`);
  return { period, phases, zone };
}

/**
 * The course of the targets over a cycle, on the network's scale: for each phase, the mean distance of the training
 * rows from their level, which is the mean over one period around each row. A cycle of a week begins from the course of
 * its days: each phase of the week differs from it only as far as the rows show that it does, because a phase of a week
 * has few rows.
 */
export function fitCourse(
  series: readonly (SeriesRows & { columns: readonly Float64Array[] })[],
  targets: readonly number[],
  scaler: Scaler,
  cycle: CycleDescription,
): Tensor {
  const { phases, period } = cycle;
  const data = new Float32Array(targets.length * phases);
  const finder = new Phases(cycle);
  const perDay = phases % 7 === 0 && period === WEEK ? phases / 7 : undefined;
  targets.forEach((target, t) => {
    const parts = series.map(({ columns, table, offset, training }) => {
      const column = columns[target]!.subarray(0, training.to - offset);
      const scaled = column.map((value) => (value - scaler.mean[target]!) / scaler.std[target]!);
      return { distances: lessLevel(scaled, phases), phase: Array.from(scaled, (_, i) => finder.at(table.at![i]!)) };
    });
    const fast = perDay === undefined ? undefined : means(parts, perDay, (phase) => phase % perDay);
    const ofDay = fast && ((phase: number) => fast[phase % fast.length]!);
    const rest = means(parts, phases, (phase) => phase, ofDay);
    for (let k = 0; k < phases; k++) data[t * phases + k] = rest[k]! + (ofDay?.(k) ?? 0);
  });
  return { shape: [targets.length, phases], data };
}

interface Part {
  /** NaN where a value or its level is missing. */
  readonly distances: Float64Array;
  readonly phase: readonly number[];
}

/**
 * The mean of each bin, less `known`. With `known`, the means are drawn towards 0 by as much as their own noise would
 * make them differ (James and Stein 1961).
 */
function means(
  parts: readonly Part[],
  bins: number,
  binOf: (phase: number) => number,
  known?: (phase: number) => number,
): Float64Array {
  const sums = new Float64Array(bins);
  const squares = new Float64Array(bins);
  const counts = new Float64Array(bins);
  for (const { distances, phase } of parts) {
    distances.forEach((distance, i) => {
      if (Number.isNaN(distance)) return;
      const value = distance - (known?.(phase[i]!) ?? 0);
      const bin = binOf(phase[i]!);
      sums[bin]! += value;
      squares[bin]! += value * value;
      counts[bin]! += 1;
    });
  }
  const found = sums.map((sum, bin) => (counts[bin]! > 0 ? sum / counts[bin]! : 0));
  if (known === undefined) return found;
  let [signal, noise] = [0, 0];
  found.forEach((mean, bin) => {
    const count = counts[bin]!;
    if (count < 2) return;
    signal += mean * mean;
    noise += Math.max(0, squares[bin]! / count - mean * mean) / (count - 1);
  });
  const kept = signal > noise ? 1 - noise / signal : 0;
  return found.map((mean) => kept * mean);
}

/** Each value less the mean of the period around it; NaN where a value is missing, or where the period is not whole. */
function lessLevel(values: Float64Array, period: number): Float64Array {
  const sums = new Float64Array(values.length + 1);
  const counts = new Uint32Array(values.length + 1);
  values.forEach((value, i) => {
    const known = Number.isFinite(value);
    sums[i + 1] = sums[i]! + (known ? value : 0);
    counts[i + 1] = counts[i]! + (known ? 1 : 0);
  });
  const before = Math.floor(period / 2);
  return values.map((value, i) => {
    const [from, to] = [i - before, i - before + period];
    if (from < 0 || to > values.length || !Number.isFinite(value)) return Number.NaN;
    const count = counts[to]! - counts[from]!;
    return value - (sums[to]! - sums[from]!) / count;
  });
}

function follows(calendar: CalendarDescription | undefined, period: number): boolean {
  return calendar?.parts.some((part) => calendarParts[part].period === period) ?? false;
}

/** Whether steps divide the period, and the training rows of every series go through it often enough. */
function fits(series: readonly SeriesRows[], period: number, interval: number): boolean {
  const phases = period / interval;
  if (!Number.isInteger(phases) || phases < 2 || phases > MAX_PHASES) return false;
  return series.every(({ training: { from, to } }) => to - from >= PERIODS * phases);
}
