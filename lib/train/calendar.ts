import { GatecastError } from '../base/errors.ts';
import { headOf } from '../model/heads/heads.ts';
import { type CalendarDescription, type CalendarPart, calendarParts, LAST_TIME } from '../model/inputs/calendar.ts';
import type { ResolvedOptions } from './options.ts';
import type { SeriesRows } from './plan.ts';
import { TrainingValues } from './rhythms.ts';

/** The rhythms that `auto` may take. Within the hour, a rhythm is short enough to be learned from the values. */
const AUTO: readonly CalendarPart[] = ['hour', 'weekday', 'day-of-year'];

/** How often the training rows must go through a rhythm, so that it is not learned from one example. */
const PERIODS = 2;

type CalendarOptions = Pick<ResolvedOptions, 'calendar' | 'zone' | 'targets' | 'loss'>;

/**
 * The calendar inputs of a training; undefined for none. 'auto' takes each rhythm that the training rows of the longest
 * series go through twice, if rows are closer together than one period and the targets follow it; words follow none.
 * Throws `invalid-data` if the options ask for a calendar and rows have no times.
 *
 * Tried without gain: all rhythms for all series. On ETTh1, whose oil has no week, the weekday cost 8 % of the error.
 */
export function calendarFor(
  series: readonly SeriesRows[],
  { calendar, zone, targets, loss }: CalendarOptions,
  interval: number | null,
): CalendarDescription | undefined {
  if (calendar === 'none') return undefined;
  const spans = series.map(spanOf);
  if (calendar !== 'auto') {
    if (!spans.includes(undefined)) return { zone, parts: calendar };
    throw new GatecastError('invalid-data', 'Expected a time for each row, for options.calendar, but some have none.');
  }
  if (spans.includes(undefined) || interval === null || headOf(loss).truths === 'classes') return undefined;
  const span = (spans as number[]).reduce((a, b) => Math.max(a, b));
  const fitting = AUTO.filter((part) => {
    const { period } = calendarParts[part];
    return interval < period && span >= PERIODS * period;
  });
  if (fitting.length === 0) return undefined;
  const values = new TrainingValues(series, targets, zone);
  const parts = fitting.filter((part) => values.take(part));
  return parts.length > 0 ? { zone, parts } : undefined;
}

/**
 * Whether the level of the targets moves from one period of the slowest rhythm to the next, so that forecasts meet
 * levels that no training row has had.
 */
export function levelMoves(
  series: readonly SeriesRows[],
  { parts, zone }: CalendarDescription,
  targets: readonly string[],
): boolean {
  const slowest = parts.reduce((a, b) => (calendarParts[b].period > calendarParts[a].period ? b : a));
  return new TrainingValues(series, targets, zone).moves(slowest);
}

/** The time that the training rows of a series take [ms], the last of them included; undefined if one has no time. */
function spanOf({ table: { at }, offset, training }: SeriesRows): number | undefined {
  if (at === undefined || !at.every((time) => Math.abs(time) <= LAST_TIME)) return undefined;
  const rows = training.to - offset;
  return rows < 2 ? 0 : ((at[rows - 1]! - at[0]!) * rows) / (rows - 1);
}
