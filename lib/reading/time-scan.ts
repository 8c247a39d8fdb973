import { isBlank, isDigit, isLetter } from './characters.ts';
import { daysSince1970, DAY, fullYear, isDay, isWeekday, monthOf } from './calendar.ts';
import { ClockScan } from './clock-scan.ts';
import { OffsetScan } from './offset-scan.ts';
import { TimeCursor } from './time-cursor.ts';
import { usualForm } from './time-usual.ts';

/** In which order a date of three numbers has its day, month and year. */
export type DateOrder = 'dmy' | 'mdy' | 'ymd';

export const ORDERS: readonly DateOrder[] = ['dmy', 'mdy', 'ymd'];

export const ORDER_NAMES: Readonly<Record<DateOrder, string>> = {
  dmy: 'day, month, year',
  mdy: 'month, day, year',
  ymd: 'year, month, day',
};

const [PLUS, COMMA, MINUS, DOT, SLASH, COLON, BACKSLASH, LINE] = [43, 44, 45, 46, 47, 58, 92, 95] as const;
const [BLANK, CAPITAL_T, SMALL_T, YEAR, MONTH, DAY_SIGN] = [32, 84, 116, 0x5e74, 0x6708, 0x65e5] as const;
/** The longest text of a time has the name of a zone. */
const LONGEST = 80;
/** Between the times of a span: ` - `, ` to `, the sign of ISO 8601, and without a date also `10:00-11:00`. */
const BETWEEN = /\s[-–—]\s|\s(?:to|bis)\s|\/(?=\d{4}-)|(?<=^\d?\d:\d\d)[-–](?=\d?\d:\d\d$)/;

/** Letters behind a day: `20th`. */
const ORDINALS: ReadonlySet<string> = new Set(['st', 'nd', 'rd', 'th']);

/** Words between a date and a time of day. */
const JOINING: ReadonlySet<string> = new Set(['at', 'à', 'um', 'om', 'klo', 'kl', 'alle']);

/**
 * Reads one text as a date, a time of day or both, in one pass. It does not decide the order of dates such as
 * 01/02/2026. The fields are those of the last text that `scan` accepted.
 */
export class TimeScan {
  /** 'day': the day is known. 'numbers': its order is open. 'none': a time of day without a date. */
  date: 'day' | 'numbers' | 'none' = 'none';
  readonly #cursor = new TimeCursor();
  readonly #clock = new ClockScan(this.#cursor);
  readonly #offset = new OffsetScan(this.#cursor);
  #year = 0;
  #month = 0;
  #day = 0;
  /** The numbers of a date whose order is open, and whether its year has two digits. */
  readonly #numbers: [number, number, number] = [0, 0, 0];
  #short = false;
  /** True if dots separate the numbers: they never begin with the month. */
  dots = false;

  /** Since midnight of the day [ms]; 0 if the text has no time of day. */
  get clock(): number {
    return this.#clock.ms;
  }

  /** True if the text has a time of day. */
  get clocked(): boolean {
    return this.#clock.found;
  }

  /** Offset from UTC [ms]; NaN if the text has none. */
  get offset(): number {
    return this.#offset.ms;
  }

  /** A zone such as 'Europe/Berlin' in brackets; '' if there is none or an offset goes with it. */
  get zone(): string {
    return this.#offset.zone;
  }

  /** True if the text is a date, a time of day or both. Plain numbers of eight and more digits are dates too. */
  scan(text: string): boolean {
    if (text.length > LONGEST) return false;
    const isWhole = this.#scan(text, text.length);
    // `10:00-11:00` would be a time of day with an offset.
    if (isWhole && (this.date !== 'none' || Number.isNaN(this.offset))) return true;
    if (this.#isSpan(text)) return true;
    const usual = usualForm(text);
    if (usual !== undefined) return this.#scan(usual, usual.length);
    return isWhole && this.#scan(text, text.length);
  }

  /** From one time to another, as markets write it: the time of the row is the first. */
  #isSpan(text: string): boolean {
    const between = BETWEEN.exec(text);
    if (!between) return false;
    const rest = text.slice(between.index + between[0].length);
    return this.#scan(rest, rest.length) && this.#scan(text, between.index);
  }

  #scan(text: string, end: number): boolean {
    this.#cursor.begin(text, end);
    this.#clock.reset();
    this.#offset.reset();
    this.date = 'none';
    this.#year = 0;
    return (this.#usual() || this.#parse()) && this.#cursor.isAtEnd;
  }

  /** The days since 1970 of the date in this order; NaN if there is no such day. */
  days(order: DateOrder): number {
    if (this.date === 'day') return daysSince1970(this.#year, this.#month, this.#day);
    if (this.date === 'none') return 0;
    const [a, b, c] = this.#numbers;
    if (order === 'ymd') return this.#short ? dayNumber(fullYear(a), b, c) : Number.NaN;
    const year = this.#short ? fullYear(c) : c;
    if (order === 'dmy') return dayNumber(year, b, a);
    return this.dots ? Number.NaN : dayNumber(year, a, b);
  }

  /** The time [ms since 1970] of the clock on the wall, as if it were UTC; NaN if there is no such day. */
  local(order: DateOrder): number {
    return this.days(order) * DAY + this.clock;
  }

  /** `2026-01-31 15:15:00` with what may follow, which most times are. Where it does not fit, nothing was read. */
  #usual(): boolean {
    const cursor = this.#cursor;
    const { text, end } = cursor;
    if (end < 19 || text.charCodeAt(4) !== MINUS || text.charCodeAt(7) !== MINUS) return false;
    if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return false;
    const between = text.charCodeAt(10);
    if (between !== CAPITAL_T && between !== BLANK) return false;
    const year = cursor.pairAt(0) * 100 + cursor.pairAt(2);
    const isTime =
      year >= 0 &&
      this.#clock.set(cursor.pairAt(11), cursor.pairAt(14), cursor.pairAt(17)) &&
      this.#setDay(year, cursor.pairAt(5), cursor.pairAt(8));
    cursor.at = 19;
    if (isTime && (end === 19 || (this.#clock.fraction() && this.#offset.rest()))) return true;
    cursor.at = 0;
    this.date = 'none';
    this.#clock.reset();
    this.#offset.reset();
    return false;
  }

  #parse(): boolean {
    const cursor = this.#cursor;
    cursor.blanks();
    let code = cursor.code();
    if (isLetter(code)) {
      const word = cursor.word();
      const month = monthOf(word);
      const after = cursor.at;
      if (month > 0 && !isWeekday(word) && this.#monthFirst(month)) return true;
      if (!isWeekday(word) && word !== 'mar') return false; // mardi too
      cursor.at = after;
      while (cursor.code() === COMMA || cursor.code() === DOT || isBlank(cursor.code())) cursor.at++;
      code = cursor.code();
      if (isLetter(code)) {
        const second = monthOf(cursor.word());
        return second > 0 && this.#monthFirst(second);
      }
    }
    if (code === PLUS || code === MINUS) return this.#expanded();
    if (!isDigit(code)) return false;
    const number = cursor.number();
    if (cursor.code() === COLON && cursor.digits <= 2) return this.#clock.afterHour(number) && this.#afterClock();
    if (cursor.digits >= 8) return this.#compact(number);
    return this.#date(number, cursor.digits);
  }

  /** `-000043-03-15` and `+012026-01-31`: years of six digits, as ISO 8601 and JavaScript have them. */
  #expanded(): boolean {
    const cursor = this.#cursor;
    const [, sign, year, month, day] = EXPANDED.exec(cursor.text.slice(cursor.at)) ?? [];
    if (year === undefined) return false;
    cursor.at += EXPANDED_LENGTH;
    return this.#setDay(Number(`${sign}${year}`), Number(month), Number(day)) && this.#afterDate();
  }

  /** A date after a time of day, or a zone. */
  #afterClock(): boolean {
    const cursor = this.#cursor;
    const from = cursor.at;
    while (cursor.code() === COMMA || isBlank(cursor.code())) cursor.at++;
    if (isDigit(cursor.code()) && cursor.at > from) return this.#date(cursor.number(), cursor.digits);
    cursor.at = from;
    return this.#offset.rest();
  }

  /**
   * `31.01.2026`, `2026-01-31`, `2026-031`, `31-Jan-2026`, `31JAN2026`, `31st January 2026`, `31 de enero de 2026` from
   * behind the first number.
   */
  #date(first: number, digits: number): boolean {
    const cursor = this.#cursor;
    const sign = cursor.code();
    if (digits === 4 && this.#period(first)) return true;
    const isJoined = digits <= 2 && isLetter(sign);
    if (!isJoined && !cursor.separator()) return false;
    if (!isDigit(cursor.code())) return digits <= 2 && this.#monthSecond(first);
    const parted = sign === MINUS || sign === DOT || sign === SLASH;
    if (!parted && (digits !== 4 || (sign !== BLANK && sign !== BACKSLASH))) return false;
    const second = cursor.number();
    if (digits <= 2 && cursor.digits === 4) return cursor.isAtEnd && this.#setDay(second, first, 1); // 01/2026
    if (digits === 4 && cursor.digits === 3 && sign === MINUS)
      return this.#setDayOfYear(first, second) && this.#afterDate();
    if (cursor.digits > 2) return false;
    if (digits === 4 && (sign === MINUS || sign === SLASH) && cursor.code() !== sign)
      return this.#setDay(first, second, 1) && this.#afterDate();
    if (cursor.code() !== sign) return false;
    cursor.at++;
    if (sign === DOT) cursor.blanks();
    const third = cursor.number();
    if (digits === 4) {
      if (cursor.digits > 2 || cursor.digits === 0 || !this.#setDay(first, second, third)) return false;
      if (sign === DOT && cursor.code() === DOT) cursor.at++; // Hungary and Korea
      return this.#afterDate();
    }
    if (digits > 2 || (cursor.digits !== 4 && cursor.digits !== 2)) return false;
    this.#short = cursor.digits === 2;
    this.dots = sign === DOT;
    this.#numbers[0] = first;
    this.#numbers[1] = second;
    this.#numbers[2] = third;
    this.date = 'numbers';
    return this.#afterDate();
  }

  /** The month in letters, and the year, behind a day. */
  #monthSecond(day: number): boolean {
    const cursor = this.#cursor;
    let word = cursor.word();
    if (ORDINALS.has(word) || word === 'de') {
      cursor.blanks();
      word = cursor.word();
    }
    const month = monthOf(word);
    if (month === 0) return false;
    const isJoined = !cursor.separator();
    if (cursor.word() === 'de') cursor.blanks();
    const year = cursor.number();
    return (!isJoined || cursor.digits === 4) && this.#named(year, month, day) && this.#afterDate();
  }

  /** The rest of `2026-Q1`, `2026M01`, `2026-W05`, `2026 Jan` and `2026年1月31日`, of which the last may have a clock. */
  #period(year: number): boolean {
    const cursor = this.#cursor;
    const from = cursor.at;
    if (cursor.code() === YEAR) {
      cursor.at++;
      const month = cursor.number();
      if (cursor.code() !== MONTH) return false;
      cursor.at++;
      const day = cursor.number();
      if (cursor.code() !== DAY_SIGN || !this.#setDay(year, month, day)) return false;
      cursor.at++;
      return this.#afterDate();
    }
    cursor.separator();
    const word = cursor.word();
    if (word === 'w' && this.#week(year)) return true;
    const month = word === 'm' ? cursor.number() : word === 'q' ? 3 * cursor.number() - 2 : monthOf(word);
    if (cursor.isAtEnd && word !== '' && this.#setDay(year, month, 1)) return true;
    cursor.at = from;
    return false;
  }

  /** The rest of `2026-W05`, `2026-W05-3` and `2026W053` from behind the W: the Monday of the week, or its day. */
  #week(year: number): boolean {
    const cursor = this.#cursor;
    let week = cursor.number();
    let day = 1;
    if (cursor.digits === 3) {
      day = week % 10;
      week = Math.floor(week / 10);
    } else if (cursor.code() === MINUS) {
      cursor.at++;
      day = cursor.number();
    }
    if (week < 1 || week > 53 || day < 1 || day > 7) return false;
    const fourth = daysSince1970(year, 1, 4); // 4 January is in the first week
    const monday = fourth - ((((fourth + 3) % 7) + 7) % 7) + 7 * (week - 1); // 1 January 1970 was a Thursday
    if (new Date((monday + 3) * DAY).getUTCFullYear() !== year) return false;
    const date = new Date((monday + day - 1) * DAY);
    return this.#setDay(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()) && this.#afterDate();
  }

  /** `Jan 31, 2026` and `Jan 31 12:00:00 2026` from behind the month. */
  #monthFirst(month: number): boolean {
    const cursor = this.#cursor;
    if (!cursor.separator()) return false;
    const day = cursor.number();
    if (cursor.digits === 4) return cursor.isAtEnd && this.#setDay(day, month, 1); // Jan 2026
    if (cursor.digits === 0 || cursor.digits > 2) return false;
    if (isLetter(cursor.code()) && !ORDINALS.has(cursor.word())) return false;
    const from = cursor.at;
    while (cursor.code() === COMMA || cursor.code() === MINUS || isBlank(cursor.code())) cursor.at++;
    const year = cursor.number();
    if (cursor.code() !== COLON) return this.#named(year, month, day) && this.#afterDate();
    cursor.at = from;
    cursor.blanks();
    if (!this.#clock.afterHour(cursor.number())) return false;
    const clockEnd = cursor.at;
    cursor.blanks();
    if (isLetter(cursor.code())) cursor.word(); // the zone, which is read again below
    cursor.blanks();
    const last = cursor.number();
    if (cursor.digits !== 4 || !this.#setDay(last, month, day)) return false;
    const end = cursor.at;
    cursor.at = clockEnd;
    cursor.blanks();
    if (isLetter(cursor.code()) && !this.#offset.named()) return false;
    cursor.at = end;
    return true;
  }

  #named(year: number, month: number, day: number): boolean {
    const cursor = this.#cursor;
    if (cursor.digits !== 4 && cursor.digits !== 2) return false;
    return this.#setDay(cursor.digits === 2 ? fullYear(year) : year, month, day);
  }

  /** `20260131`, `202601311515` and `20260131151500`; a clock may follow the first. */
  #compact(number: number): boolean {
    const digits = this.#cursor.digits;
    if (digits !== 8 && digits !== 12 && digits !== 14) return false;
    const day = digits === 8 ? number : Math.floor(number / 10 ** (digits - 8));
    if (!this.#setDay(Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100)) return false;
    if (digits === 8) return this.#afterDate();
    return this.#clock.setDigits(number - day * 10 ** (digits - 8), digits - 8) && this.#offset.rest();
  }

  #isWholeClock(): boolean {
    return WHOLE_CLOCK.test(this.#cursor.text.slice(this.#cursor.at));
  }

  #setDayOfYear(year: number, day: number): boolean {
    const date = new Date((daysSince1970(year, 1, 1) + day - 1) * DAY);
    if (day < 1 || date.getUTCFullYear() !== year) return false;
    return this.#setDay(year, date.getUTCMonth() + 1, date.getUTCDate());
  }

  #setDay(year: number, month: number, day: number): boolean {
    if (!isDay(year, month, day)) return false;
    this.date = 'day';
    this.#year = year;
    this.#month = month;
    this.#day = day;
    return true;
  }

  /** A clock and a zone after a date, if there are any. */
  #afterDate(): boolean {
    const cursor = this.#cursor;
    if (cursor.isAtEnd) return true;
    const code = cursor.code();
    const marked =
      code === CAPITAL_T ||
      code === SMALL_T ||
      code === COLON ||
      code === LINE ||
      (code === MINUS && this.#isWholeClock());
    if (marked) cursor.at++;
    else while (cursor.code() === COMMA || isBlank(cursor.code())) cursor.at++;
    if (!marked && !isDigit(cursor.code())) {
      const from = cursor.at;
      if (JOINING.has(cursor.word())) cursor.blanks();
      else cursor.at = from;
    }
    if (!isDigit(cursor.code())) return !marked && this.#offset.rest();
    const number = cursor.number();
    const dashed =
      marked && cursor.digits === 2 && cursor.code() === MINUS && DASHED.test(cursor.text.slice(cursor.at));
    if (dashed || this.#clock.isAfterHour())
      return cursor.digits <= 2 && this.#clock.afterHour(number, true) && this.#offset.rest();
    if (cursor.digits === 4 || cursor.digits === 6) {
      return this.#clock.setDigits(number, cursor.digits) && this.#clock.fraction() && this.#offset.rest();
    }
    if (cursor.digits > 2) return false;
    return (this.#clock.meridiem(number) || (marked && this.#clock.set(number, 0, 0))) && this.#offset.rest();
  }
}

const EXPANDED = /^([-+])(\d{6})-(\d\d)-(\d\d)(?!\d)/;
const EXPANDED_LENGTH = 13;

/** `-15-00` behind an hour. */
const DASHED = /^-\d\d-\d\d(?!\d)/;

/** A clock with seconds behind the `-` after a date, where `-05:00` would be an offset. */
const WHOLE_CLOCK = /^-(?:\d\d([:.-])\d\d\1\d\d|\d{6})(?!\d)/;

function dayNumber(year: number, month: number, day: number): number {
  return isDay(year, month, day) ? daysSince1970(year, month, day) : Number.NaN;
}
