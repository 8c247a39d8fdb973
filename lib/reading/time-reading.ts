import { expected, GatecastError, optionText } from '../base/errors.ts';
import { DAY, daysSince1970, isDay } from './calendar.ts';
import { type ColumnSurvey, DOTTED_CLOCK } from './column-survey.ts';
import { isAbsent } from './missing.ts';
import { mentionsDate, partOf } from './names.ts';
import { decideNumbers, numberReader, type NumberHints } from './number-form.ts';
import type { Cell } from './number-survey.ts';
import { isLocalTime, NUMERIC_NAMES, type NumericTime, timeOfNumber } from './numeric-times.ts';
import { DAY_OF_YEAR, isClock, partsOf } from './time-columns.ts';
import { TimePattern } from './time-pattern.ts';
import { type DateOrder, ORDER_NAMES, TimeScan } from './time-scan.ts';
import { ZoneClock } from './zone-clock.ts';

/** How the time of each row is read. */
export interface TimeReading {
  /** The columns that hold it: one, a date and a time of day, or year, month, day and so on. */
  columns: number[];
  /** How it is written, for people. */
  form: string;
  /** The zone of times that have no offset. */
  zone: string;
  /** True if the rows are newest first. */
  descending: boolean;
  /** Makes a reader for one pass over the rows. */
  reader(): RowTimes;
}

/** What the user says of the times, and what other columns show. */
export interface TimeHints extends NumberHints {
  source: string;
  /** The unit of numbers. */
  unit?: NumericTime | undefined;
  /** The unit of a clock that counts from its start, where it is known. */
  small?: 's' | 'ms' | undefined;
  pattern?: string | undefined;
  zone?: string | undefined;
  /** The order of day and month that other columns prove. */
  order?: DateOrder | undefined;
}

/** Reads the time of each row, in the order of the rows. */
export class RowTimes {
  readonly #read: (fields: readonly string[], into: LocalTime) => void;
  readonly #zone: string;
  readonly #descending: boolean;
  readonly #time: LocalTime = { local: 0, offset: 0, zone: '' };
  readonly #clocks = new Map<string, ZoneClock>();

  constructor(read: (fields: readonly string[], into: LocalTime) => void, zone: string, descending: boolean) {
    this.#read = read;
    this.#zone = zone;
    this.#descending = descending;
  }

  /** How many rows so far were in an hour that the zone leaves out in spring. */
  get shifted(): number {
    return [...this.#clocks.values()].reduce((sum, clock) => sum + clock.shifted, 0);
  }

  /**
   * The time of a row [ms since 1970, UTC]; NaN if it is missing. `key` is the row's series: the hour that a zone
   * repeats in autumn is told apart for each.
   */
  read(fields: readonly string[], key = ''): number {
    const time = this.#time;
    this.#read(fields, time);
    if (!Number.isNaN(time.offset)) return time.local - time.offset;
    const zone = time.zone === '' ? this.#zone : time.zone;
    if (zone === 'UTC') return time.local;
    const name = key === '' ? zone : `${zone} ${key}`;
    let clock = this.#clocks.get(name);
    if (clock === undefined) {
      clock = new ZoneClock(zone, { descending: this.#descending });
      this.#clocks.set(name, clock);
    }
    return clock.toUtc(time.local);
  }
}

/** One field or several as a local time. The fields are those of the last one read. */
interface LocalTime {
  /** The time on the clock on the wall [ms, as if it were UTC]; NaN if it is missing. */
  local: number;
  /** Its offset from UTC [ms]; NaN if it has none. */
  offset: number;
  /** Its own zone; '' if it has none. */
  zone: string;
}

interface Part {
  form: string;
  descending: boolean;
  make(): (field: string, into: LocalTime) => void;
}

/**
 * Decides how the time in these columns is read. Throws `invalid-data`, naming column and line, for a field that is not
 * a time, or if the times can be read in two ways. `joined`: the columns whose fields, joined by blanks, were surveyed
 * as one.
 */
export function decideTime(
  surveys: readonly ColumnSurvey[],
  columns: readonly number[],
  hints: TimeHints,
  joined?: readonly number[],
): TimeReading {
  const own = columns.map((index) => surveys[index]!);
  const places = hints.pattern === undefined && hints.unit === undefined ? partsOf(own) : undefined;
  const rows = places
    ? ofParts(own, columns, places, hints)
    : own.length === 1
      ? one(own[0]!, joined ?? columns, hints)
      : several(own, columns, hints);
  const { form, descending } = rows;
  const zone = hints.zone ?? 'UTC';
  void new ZoneClock(zone); // refuses an unknown zone before any row is read
  const reader = () => new RowTimes(rows.make(), zone, descending);
  return { columns: [...(joined ?? columns)], form, zone, descending, reader };
}

/** The fields of these columns with a blank between them. */
export function joinFields(fields: readonly string[], columns: readonly number[]): string {
  let text = fields[columns[0]!]!;
  for (let i = 1; i < columns.length; i++) text += ` ${fields[columns[i]!]!}`;
  return text;
}

interface Rows {
  form: string;
  descending: boolean;
  make(): (fields: readonly string[], into: LocalTime) => void;
}

function one(column: ColumnSurvey, columns: readonly number[], hints: TimeHints): Rows {
  if (column.times.count > column.numbers.count && column.times.dated === 0) {
    const what = `dates in ${column.name} of ${hints.source} but it has times of day only`;
    throw new GatecastError('invalid-data', `Expected ${what}. Name the column of the date too.`);
  }
  const part = timePart(column, hints);
  return {
    form: part.form,
    descending: part.descending,
    make: () => {
      const read = part.make();
      return (fields, into) => read(joinFields(fields, columns), into);
    },
  };
}

function ofParts(
  own: readonly ColumnSurvey[],
  columns: readonly number[],
  places: readonly number[],
  hints: TimeHints,
): Rows {
  const form = places.map((place) => PARTS[place]).join(', ');
  return { form, descending: false, make: () => readParts(columns, places, own, hints) };
}

function several(own: readonly ColumnSurvey[], columns: readonly number[], hints: TimeHints): Rows {
  const clock = own.findIndex((column) => isClock(column, false));
  if (own.length !== 2 || clock < 0) {
    const names = own.map(({ name }) => name).join(' and ');
    const what = 'a date and a time of day, or year, month, day and so on,';
    throw new GatecastError('invalid-data', expected(what, `the time in ${hints.source}`, names));
  }
  const [date, day] = [timePart(own[1 - clock]!, hints), clockPart(own[clock]!, hints)];
  return {
    form: `${date.form} and ${day.form}`,
    descending: date.descending,
    make: () => {
      const [readDate, readClock] = [date.make(), day.make()];
      const after: LocalTime = { local: 0, offset: 0, zone: '' };
      return (fields, into) => {
        readDate(fields[columns[1 - clock]!]!, into);
        readClock(fields[columns[clock]!]!, after);
        into.local += after.local;
        if (!Number.isNaN(after.offset)) into.offset = after.offset;
        if (after.zone !== '') into.zone = after.zone;
      };
    },
  };
}

/** A column of whole times, or of dates. */
function timePart(column: ColumnSurvey, hints: TimeHints): Part {
  const { times, numbers } = column;
  const isText = times.count > 0 && times.count >= numbers.count;
  refuseMisfits(column, isText ? column.codes.first : times.first, hints.source);
  if (isText) return textPart(column, hints);
  return numberPart(column, hints.unit ?? unitOf(column, hints), column.name, hints);
}

function textPart({ times, name }: ColumnSurvey, hints: TimeHints): Part {
  const { source, pattern } = hints;
  const { order, descending } = times.decide(name, source, hints.order);
  return {
    form: pattern ?? (order === null ? 'text' : ORDER_NAMES[order]),
    descending,
    make: () => {
      const scan = pattern === undefined ? new TimeScan() : new TimePattern(pattern);
      return (field, into) => {
        const found = scan.scan(field);
        into.local = found ? scan.local(order ?? 'dmy') : Number.NaN;
        into.offset = scan.offset;
        into.zone = scan.zone;
      };
    },
  };
}

function numberPart({ numbers, numericTimes }: ColumnSurvey, unit: NumericTime, name: string, hints: TimeHints): Part {
  const { form } = numbers.count > 0 ? decideNumbers(numbers, hints, name, hints.source) : { form: { decimal: null } };
  const offset = isLocalTime(unit) ? Number.NaN : 0;
  return {
    form: NUMERIC_NAMES[unit],
    descending: numericTimes.back > numericTimes.forth,
    make: () => {
      const read = numberReader(form);
      return (field, into) => {
        into.local = timeOfNumber(read(field), unit);
        into.offset = offset;
        into.zone = '';
      };
    },
  };
}

/** A column of times of day: text, hours, the digits of hours and minutes, or parts of a day. */
function clockPart(column: ColumnSurvey, hints: TimeHints): Part {
  const { times, numbers, numericTimes, name } = column;
  if (column.hasDottedClocks) return dottedClockPart();
  refuseMisfits(column, times.count > numbers.count ? column.codes.first : times.first, hints.source);
  if (times.count > numbers.count) return { ...textPart(column, hints), form: 'time of day' };
  const { form } = decideNumbers(numbers, hints, name, hints.source);
  const { whole, max } = numericTimes;
  const digits = !whole || partOf(name) === 3 ? 0 : max < 2400 ? 4 : 6;
  const unit = partOf(name) === 3 ? 3_600_000 : DAY;
  return {
    form: digits === 4 ? 'hhmm' : digits === 6 ? 'hhmmss' : unit === DAY ? 'part of a day' : 'hours',
    descending: false,
    make: () => {
      const read = numberReader(form);
      return (field, into) => {
        const value = read(field);
        into.local = digits === 0 ? value * unit : clockOf(digits === 4 ? value * 100 : value);
        into.offset = Number.NaN;
        into.zone = '';
      };
    },
  };
}

/** `18.30.00`, which would be a date by itself. */
function dottedClockPart(): Part {
  return {
    form: 'time of day',
    descending: false,
    make: () => (field, into) => {
      const [, hour, minute, second] = DOTTED_CLOCK.exec(field) ?? [];
      into.local = clockOf(Number(hour) * 10_000 + Number(minute) * 100 + Number(second));
      into.offset = Number.NaN;
      into.zone = '';
    },
  };
}

/** The time of day of `hhmmss` [ms]; NaN if there is none. */
function clockOf(value: number): number {
  const [hour, minute, second] = [Math.floor(value / 10_000), Math.floor(value / 100) % 100, value % 100];
  return hour <= 24 && minute < 60 && second <= 60 ? (hour * 3600 + minute * 60 + second) * 1000 : Number.NaN;
}

function readParts(
  columns: readonly number[],
  places: readonly number[],
  own: readonly ColumnSurvey[],
  hints: TimeHints,
): (fields: readonly string[], into: LocalTime) => void {
  const reads = own.map(({ numbers, name }) => numberReader(decideNumbers(numbers, hints, name, hints.source).form));
  const parts = [0, 1, 1, 0, 0, 0];
  const counted = places.includes(DAY_OF_YEAR);
  return (fields, into) => {
    for (const [i, place] of places.entries()) parts[place] = reads[i]!(fields[columns[i]!]!);
    const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number];
    const clock = (hour * 3600 + minute * 60 + second) * 1000;
    const days = counted
      ? dayOfYear(year, parts[DAY_OF_YEAR]!)
      : isDay(year, month, day)
        ? daysSince1970(year, month, day)
        : Number.NaN;
    into.local = days * DAY + clock;
    into.offset = Number.NaN;
    into.zone = '';
  };
}

/** The days since 1970 of a day that is counted from 1 January; NaN if the year has no such day. */
function dayOfYear(year: number, day: number): number {
  const days = daysSince1970(year, 1, day);
  return day >= 1 && days < daysSince1970(year + 1, 1, 1) ? days : Number.NaN;
}

/** Numbers without a form count seconds or milliseconds from a start of their own. */
function unitOf({ numericTimes, name }: ColumnSurvey, { small }: TimeHints): NumericTime {
  return numericTimes.common({ dates: mentionsDate(name) }) ?? small ?? numericTimes.unitOfSpacing;
}

/** Throws `invalid-data` for the first field that is no time. `other` is the first one of the other kind. */
function refuseMisfits({ name, words }: ColumnSurvey, other: Cell | undefined, source: string): void {
  let misfit = other ?? (words.overflowed ? words.first : undefined);
  for (const [text, { line }] of words.entries()) {
    if (!isAbsent(text) && line < (misfit?.line ?? Number.POSITIVE_INFINITY)) misfit = { line, text };
  }
  if (misfit === undefined) return;
  const where = `${name} in line ${misfit.line} of ${source}`;
  const sentence = expected('a time such as 2026-01-31 12:00:00', where, misfit.text);
  const hint = `Use --missing ${optionText(misfit.text)} to leave out rows with it.`;
  throw new GatecastError('invalid-data', `${sentence} ${hint}`);
}

const PARTS: readonly string[] = ['year', 'month', 'day', 'hour', 'minute', 'second', 'day of the year'];
