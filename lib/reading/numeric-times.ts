import { DAY, daysSince1970, isDay } from './calendar.ts';
import { EPOCH_UNITS, type EpochUnit, toMilliseconds, UNIT_NAMES, unixUnit } from './epoch.ts';

/**
 * How numbers count time: a unit since 1970, the days of spreadsheets, the digits of a date with hours, minutes and
 * seconds, such as 20260131 and 20260131151500, or the ticks of .NET, each 100 ns.
 */
export type NumericTime = EpochUnit | 'excel' | 'digits' | 'ticks';

export const NUMERIC_TIMES: readonly NumericTime[] = [...EPOCH_UNITS, 'excel', 'digits', 'ticks'];

/** In words. */
export const NUMERIC_NAMES: Readonly<Record<NumericTime, string>> = {
  s: `${UNIT_NAMES.s} since 1970`,
  ms: `${UNIT_NAMES.ms} since 1970`,
  us: `${UNIT_NAMES.us} since 1970`,
  ns: `${UNIT_NAMES.ns} since 1970`,
  excel: 'days of a spreadsheet',
  digits: 'digits of a date',
  ticks: 'ticks of .NET',
};

/** True for numbers that count the time on the clock on the wall, in a zone that they do not tell. */
export function isLocalTime(form: NumericTime): boolean {
  return form === 'excel' || form === 'digits' || form === 'ticks';
}

/** 1970 to 2100 in the days of spreadsheets, which count from 30 December 1899. */
const EXCEL = [25_569, 73_051] as const;
const EXCEL_1970 = 25_569;

/** 1970 to 2100 in ticks, which count from the year 1. As nanoseconds they would be times of 1989 and 1990. */
const TICKS = [6.213_559_68e17, 6.623_804_16e17] as const;

/** Smaller numbers are times in no form but that of a clock that counts from its start. */
const LEAST = EXCEL[0];

/** What all numbers of a column show of the times that they may be, in constant memory. */
export class NumericTimeSurvey {
  count = 0;
  /** True if all numbers are whole. */
  whole = true;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  back = 0;
  forth = 0;
  readonly #fits: Record<NumericTime, number> = { s: 0, ms: 0, us: 0, ns: 0, excel: 0, digits: 0, ticks: 0 };
  #divisor = 0;
  #before = Number.NaN;

  add(value: number): void {
    this.count++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (value < this.#before) this.back++;
    else if (value > this.#before) this.forth++;
    this.#before = value;
    if (!Number.isInteger(value)) this.whole = false;
    if (this.#divisor !== 1) this.#divide(value);
    if (value < LEAST) return;
    if (value < EXCEL[1]) this.#fits.excel++;
    if (value >= TICKS[0] && value < TICKS[1]) this.#fits.ticks++;
    const unit = unixUnit(value);
    if (unit !== undefined) this.#fits[unit]++;
    if (value > 19e6 && value < 3e13 && !Number.isNaN(timeOfDigits(value))) this.#fits.digits++;
  }

  /**
   * The form that most numbers have: a clock that was wrong for some rows does not decide. Undefined if there is none.
   * Whole numbers are the days of a spreadsheet only if `dates`, because they may count anything.
   */
  common({ dates }: { dates: boolean }): NumericTime | undefined {
    if (this.count === 0) return undefined;
    if (this.#fits.digits === this.count) return 'digits';
    if (this.#fits.ticks * 2 > this.count) return 'ticks';
    const unit = EPOCH_UNITS.find((each) => this.#fits[each] * 2 > this.count);
    if (unit !== undefined) return unit;
    return this.#fits.excel === this.count && (dates || !this.whole) ? 'excel' : undefined;
  }

  /**
   * The unit of a clock that counts from its start: milliseconds if all numbers are multiples of a second in these but
   * not of an hour in seconds.
   */
  get unitOfSpacing(): 's' | 'ms' {
    return this.#divisor > 0 && this.#divisor % 1000 === 0 && this.#divisor % 3600 !== 0 ? 'ms' : 's';
  }

  /** Keeps the greatest common divisor of all numbers. */
  #divide(value: number): void {
    if (!Number.isInteger(value)) {
      this.#divisor = 1;
      return;
    }
    let [a, b] = [Math.abs(value), this.#divisor];
    while (b > 0) [a, b] = [b, a % b];
    this.#divisor = a;
  }
}

/** The time of a number [ms since 1970]; a local time as if it were UTC. */
export function timeOfNumber(value: number, form: NumericTime): number {
  if (form === 'digits') return timeOfDigits(value);
  if (form === 'excel') return timeOfDays(value);
  if (form === 'ticks') return Math.round((value - TICKS[0]) / 100) / 100; // finer digits are noise in such numbers
  return toMilliseconds(value, form);
}

/** A day has few digits in spreadsheets, so that a time this close to a whole second [ms] is that second. */
const NEAR_SECOND = 50;

function timeOfDays(days: number): number {
  const time = Math.round((days - EXCEL_1970) * DAY);
  const second = Math.round(time / 1000) * 1000;
  return Math.abs(time - second) <= NEAR_SECOND ? second : time;
}

/** The time of `yyyymmdd`, followed by `hh`, `hhmm` or `hhmmss` or nothing; NaN if there is no such day or hour. */
function timeOfDigits(value: number): number {
  const after = value < 1e8 ? 0 : value < 1e10 ? 2 : value < 1e12 ? 4 : 6;
  const date = Math.floor(value / 10 ** after);
  const [year, month, day] = [Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100];
  if (!Number.isInteger(value) || year < 1900 || year > 2100 || !isDay(year, month, day)) return Number.NaN;
  const clock = (value - date * 10 ** after) * 10 ** (6 - after);
  const [hour, minute, second] = [Math.floor(clock / 10_000), Math.floor(clock / 100) % 100, clock % 100];
  if (hour > 23 || minute > 59 || second > 60) return Number.NaN;
  return daysSince1970(year, month, day) * DAY + (hour * 3600 + minute * 60 + second) * 1000;
}
