import { DAY, daysSince1970, isDay } from './calendar.ts';
import { EPOCH_UNITS, type EpochUnit, toMilliseconds, UNIT_NAMES, unixUnit } from './epoch.ts';

/**
 * How numbers count time: a unit since 1970, the days of spreadsheets, the digits of a date with hours, minutes and
 * seconds, such as 20260131 and 20260131151500, the ticks of .NET, each 100 ns, the same of Windows (`filetime`), the
 * days of MATLAB (`datenum`) and of astronomers (`julian`), or the seconds of LabVIEW.
 */
export type NumericTime = EpochUnit | 'excel' | 'digits' | 'ticks' | 'filetime' | 'datenum' | 'julian' | 'labview';

export const NUMERIC_TIMES: readonly NumericTime[] = [
  ...EPOCH_UNITS,
  ...(['excel', 'digits', 'ticks', 'filetime', 'datenum', 'julian', 'labview'] as const),
];

/** In words. */
export const NUMERIC_NAMES: Readonly<Record<NumericTime, string>> = {
  s: `${UNIT_NAMES.s} since 1970`,
  ms: `${UNIT_NAMES.ms} since 1970`,
  us: `${UNIT_NAMES.us} since 1970`,
  ns: `${UNIT_NAMES.ns} since 1970`,
  excel: 'days of a spreadsheet',
  digits: 'digits of a date',
  ticks: 'ticks of .NET',
  filetime: 'ticks of Windows since 1601',
  datenum: 'days of MATLAB',
  julian: 'Julian days',
  labview: 'seconds of LabVIEW since 1904',
};

/** True for numbers that count the time on the clock on the wall, in a zone that they do not tell. */
export function isLocalTime(form: NumericTime): boolean {
  return form === 'excel' || form === 'datenum' || form === 'digits' || form === 'ticks';
}

/** 1970 to 2100 in the days of spreadsheets, which count from 30 December 1899; of MATLAB; and since 4713 BC. */
const DAYS = { excel: [25_569, 73_051], datenum: [719_529, 767_011], julian: [2_440_587.5, 2_488_069.5] } as const;

/** 1970 to 2100 in ticks, which count from the year 1. As nanoseconds they would be times of 1989 and 1990. */
const TICKS = [6.213_559_68e17, 6.623_804_16e17] as const;

/** 1970 to 2100 in ticks since 1601. As nanoseconds they would be times before 1976. */
const FILETIME = [1.164_447_36e17, 1.574_691_84e17] as const;

/** 1970 in seconds since 1904, and 2010 to 2036: as seconds since 1970 they would be times after 2075. */
const LABVIEW_1970 = 2_082_844_800;
const LABVIEW = [3.345e9, 4.166e9] as const;

/** Smaller numbers are times in no form but that of a clock that counts from its start. */
const LEAST = DAYS.excel[0];

/** What all numbers of a column show of the times that they may be, in constant memory. */
export class NumericTimeSurvey {
  count = 0;
  /** True if all numbers are whole. */
  whole = true;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  back = 0;
  forth = 0;
  readonly #fits = Object.fromEntries(NUMERIC_TIMES.map((form) => [form, 0])) as Record<NumericTime, number>;
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
    if (value < DAYS.excel[1]) this.#fits.excel++;
    else if (value < DAYS.julian[1]) this.#addDays(value);
    if (value >= LABVIEW[0]) this.#addFine(value);
    const unit = unixUnit(value);
    if (unit !== undefined) this.#fits[unit]++;
    if (value > 19e6 && value < 3e13 && !Number.isNaN(timeOfDigits(value))) this.#fits.digits++;
  }

  /**
   * The form that most numbers have: a clock that was wrong for some rows does not decide. Undefined if there is none.
   * Whole numbers are days only if `dates`, because they may count anything.
   */
  common({ dates }: { dates: boolean }): NumericTime | undefined {
    if (this.count === 0) return undefined;
    if (this.#fits.digits === this.count) return 'digits';
    if (this.#fits.labview === this.count) return 'labview';
    const unit = MOSTLY.find((each) => this.#fits[each] * 2 > this.count);
    if (unit !== undefined) return unit;
    return dates || !this.whole ? DAY_COUNTS.find((each) => this.#fits[each] === this.count) : undefined;
  }

  /**
   * The unit of a clock that counts from its start: milliseconds if all numbers are multiples of a second in these but
   * not of an hour in seconds.
   */
  get unitOfSpacing(): 's' | 'ms' {
    return this.#divisor > 0 && this.#divisor % 1000 === 0 && this.#divisor % 3600 !== 0 ? 'ms' : 's';
  }

  #addDays(value: number): void {
    for (const form of ['datenum', 'julian'] as const) {
      if (value >= DAYS[form][0] && value < DAYS[form][1]) this.#fits[form]++;
    }
  }

  #addFine(value: number): void {
    if (value < LABVIEW[1]) this.#fits.labview++;
    else if (value >= TICKS[0] && value < TICKS[1]) this.#fits.ticks++;
    else if (value >= FILETIME[0] && value < FILETIME[1]) this.#fits.filetime++;
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

const DAY_COUNTS = ['excel', 'datenum', 'julian'] as const;
/** Forms that most numbers show. */
const MOSTLY = ['ticks', 'filetime', ...EPOCH_UNITS] as const;

/** The time of a number [ms since 1970]; a local time as if it were UTC. */
export function timeOfNumber(value: number, form: NumericTime): number {
  if (form === 'digits') return timeOfDigits(value);
  if (form === 'excel' || form === 'datenum' || form === 'julian') return timeOfDays(value - DAYS[form][0]);
  if (form === 'labview') return (value - LABVIEW_1970) * 1000;
  if (form === 'ticks') return timeOfTicks(value - TICKS[0]);
  if (form === 'filetime') return timeOfTicks(value - FILETIME[0]);
  return toMilliseconds(value, form);
}

/** Finer digits are noise in such numbers. */
function timeOfTicks(ticks: number): number {
  return Math.round(ticks / 100) / 100;
}

/** A day has few digits in spreadsheets, so that a time this close to a whole second [ms] is that second. */
const NEAR_SECOND = 50;

/** The time of days since 1970. */
function timeOfDays(days: number): number {
  const time = Math.round(days * DAY);
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
