import { isBlank, isDigit, isLetter } from './characters.ts';
import { daysSince1970, DAY, fullYear, isDay, isWeekday, monthOf } from './calendar.ts';
import { isZone } from './zone.ts';

/** In which order a date of three numbers has its day, month and year. */
export type DateOrder = 'dmy' | 'mdy' | 'ymd';

export const ORDERS: readonly DateOrder[] = ['dmy', 'mdy', 'ymd'];

export const ORDER_NAMES: Readonly<Record<DateOrder, string>> = {
  dmy: 'day, month, year',
  mdy: 'month, day, year',
  ymd: 'year, month, day',
};

const [PLUS, COMMA, MINUS, DOT, SLASH, COLON] = [43, 44, 45, 46, 47, 58] as const;
const [BLANK, CAPITAL_T, CAPITAL_Z, SMALL_T] = [32, 84, 90, 116] as const;
/** The longest text of a time has the name of a zone. */
const LONGEST = 80;
const [SMALL_H, YEAR, MONTH, DAY_SIGN] = [104, 0x5e74, 0x6708, 0x65e5] as const;
/** Words between a date and a time of day. */
const JOINING: ReadonlySet<string> = new Set(['at', 'à', 'um', 'om', 'klo', 'kl', 'alle']);
const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Offsets from UTC [min] by name: those of RFC 2822 and the two that German loggers write. */
const OFFSETS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    utc: 0,
    gmt: 0,
    z: 0,
    cet: 60,
    mez: 60,
    cest: 120,
    mesz: 120,
    edt: -240,
    est: -300,
    cdt: -300,
    cst: -360,
    mdt: -360,
    mst: -420,
    pdt: -420,
    pst: -480,
  }),
);

/**
 * Reads one text as a date, a time of day or both, in one pass. It does not decide the order of dates such as
 * 01/02/2026. The fields are those of the last text that `scan` accepted.
 */
export class TimeScan {
  /** 'day': the day is known. 'numbers': its order is open. 'none': a time of day without a date. */
  date: 'day' | 'numbers' | 'none' = 'none';
  /** Since midnight of the day [ms]; 0 if the text has no time of day. */
  clock = 0;
  /** True if the text has a time of day. */
  clocked = false;
  /** Offset from UTC [ms]; NaN if the text has none. */
  offset = Number.NaN;
  /** A zone such as 'Europe/Berlin' in brackets; '' if there is none or an offset goes with it. */
  zone = '';

  #year = 0;
  #month = 0;
  #day = 0;
  /** The numbers of a date whose order is open, and whether its year has two digits. */
  readonly #numbers: [number, number, number] = [0, 0, 0];
  #short = false;
  /** True if dots separate the numbers: they never begin with the month. */
  dots = false;
  #text = '';
  #at = 0;
  #end = 0;
  #digits = 0;

  /** True if the text is a date, a time of day or both. Plain numbers of eight and more digits are dates too. */
  scan(text: string): boolean {
    if (text.length > LONGEST) return false;
    if (this.#scan(text, text.length)) return true;
    // From one time to another, as markets write it: the time of the row is the first.
    const end = text.indexOf(' - ');
    return end > 0 && this.#scan(text.slice(end + 3), text.length - end - 3) && this.#scan(text, end);
  }

  #scan(text: string, end: number): boolean {
    this.#text = text;
    this.#at = 0;
    this.#end = end;
    while (this.#end > 0 && isBlank(text.charCodeAt(this.#end - 1))) this.#end--;
    this.date = 'none';
    this.clock = 0;
    this.clocked = false;
    this.offset = Number.NaN;
    this.zone = '';
    this.#year = 0;
    return (this.#usual() || this.#parse()) && this.#at === this.#end;
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
    const text = this.#text;
    if (this.#end < 19 || text.charCodeAt(4) !== MINUS || text.charCodeAt(7) !== MINUS) return false;
    if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return false;
    const between = text.charCodeAt(10);
    if (between !== CAPITAL_T && between !== BLANK) return false;
    const year = this.#pair(0) * 100 + this.#pair(2);
    const [hour, minute, second] = [this.#pair(11), this.#pair(14), this.#pair(17)];
    if (!(year >= 0 && isClock(hour, minute, second)) || !this.#setDay(year, this.#pair(5), this.#pair(8)))
      return false;
    this.clock = hour * HOUR + minute * MINUTE + second * 1000;
    this.clocked = true;
    this.#at = 19;
    if (this.#end === 19 || (this.#fraction() && this.#rest())) return true;
    this.#at = 0;
    this.date = 'none';
    this.clocked = false;
    return false;
  }

  /** The number of two digits at this place; NaN if it is none. */
  #pair(at: number): number {
    const [tens, ones] = [this.#text.charCodeAt(at), this.#text.charCodeAt(at + 1)];
    return isDigit(tens) && isDigit(ones) ? (tens - 48) * 10 + (ones - 48) : Number.NaN;
  }

  #parse(): boolean {
    this.#blanks();
    let code = this.#code();
    if (isLetter(code)) {
      const word = this.#word();
      const month = monthOf(word);
      if (month > 0 && !isWeekday(word)) return this.#monthFirst(month);
      if (!isWeekday(word)) return false;
      while (this.#code() === COMMA || this.#code() === DOT || isBlank(this.#code())) this.#at++;
      code = this.#code();
      if (isLetter(code)) {
        const second = monthOf(this.#word());
        return second > 0 && this.#monthFirst(second);
      }
    }
    if (!isDigit(code)) return false;
    const number = this.#number();
    if (this.#code() === COLON && this.#digits <= 2) return this.#clockFrom(number) && this.#rest();
    if (this.#digits >= 8) return this.#compact(number);
    return this.#date(number, this.#digits);
  }

  /** `31.01.2026`, `2026-01-31`, `31-Jan-2026`, `31 January 2026` from behind the first number. */
  #date(first: number, digits: number): boolean {
    const sign = this.#code();
    if (digits === 4 && this.#period(first)) return true;
    if (!this.#separator()) return false;
    if (!isDigit(this.#code())) {
      const month = monthOf(this.#word());
      if (month === 0 || digits > 2 || !this.#separator()) return false;
      return this.#named(this.#number(), month, first) && this.#afterDate();
    }
    if (sign !== MINUS && sign !== DOT && sign !== SLASH) return false;
    const second = this.#number();
    if (digits <= 2 && this.#digits === 4) return this.#at === this.#end && this.#setDay(second, first, 1); // 01/2026
    if (this.#digits > 2) return false;
    if (digits === 4 && sign !== DOT && this.#code() !== sign)
      return this.#setDay(first, second, 1) && this.#afterDate();
    if (this.#code() !== sign) return false;
    this.#at++;
    if (sign === DOT) this.#blanks();
    const third = this.#number();
    if (digits === 4)
      return this.#digits <= 2 && this.#digits > 0 && this.#setDay(first, second, third) && this.#afterDate();
    if (digits > 2 || (this.#digits !== 4 && this.#digits !== 2)) return false;
    this.#short = this.#digits === 2;
    this.dots = sign === DOT;
    this.#numbers[0] = first;
    this.#numbers[1] = second;
    this.#numbers[2] = third;
    this.date = 'numbers';
    return this.#afterDate();
  }

  /** The rest of `2026-Q1`, `2026M01`, `2026 Jan` and `2026年1月31日`, of which the last may have a clock. */
  #period(year: number): boolean {
    const from = this.#at;
    if (this.#code() === YEAR) {
      this.#at++;
      const month = this.#number();
      if (this.#code() !== MONTH) return false;
      this.#at++;
      const day = this.#number();
      if (this.#code() !== DAY_SIGN || !this.#setDay(year, month, day)) return false;
      this.#at++;
      return this.#afterDate();
    }
    this.#separator();
    const word = this.#word();
    const month = word === 'm' ? this.#number() : word === 'q' ? 3 * this.#number() - 2 : monthOf(word);
    if (this.#at === this.#end && word !== '' && this.#setDay(year, month, 1)) return true;
    this.#at = from;
    return false;
  }

  /** `Jan 31, 2026` and `Jan 31 12:00:00 2026` from behind the month. */
  #monthFirst(month: number): boolean {
    if (!this.#separator()) return false;
    const day = this.#number();
    if (this.#digits === 4) return this.#at === this.#end && this.#setDay(day, month, 1); // Jan 2026
    if (this.#digits === 0 || this.#digits > 2) return false;
    const from = this.#at;
    while (this.#code() === COMMA || this.#code() === MINUS || isBlank(this.#code())) this.#at++;
    const year = this.#number();
    if (this.#code() !== COLON) return this.#named(year, month, day) && this.#afterDate();
    this.#at = from;
    this.#blanks();
    if (!this.#clockFrom(this.#number())) return false;
    const clockEnd = this.#at;
    this.#blanks();
    if (isLetter(this.#code())) this.#word(); // the zone, which is read again below
    this.#blanks();
    const last = this.#number();
    if (this.#digits !== 4 || !this.#setDay(last, month, day)) return false;
    const end = this.#at;
    this.#at = clockEnd;
    this.#blanks();
    if (isLetter(this.#code()) && !this.#namedOffset()) return false;
    this.#at = end;
    return true;
  }

  #named(year: number, month: number, day: number): boolean {
    if (this.#digits !== 4 && this.#digits !== 2) return false;
    return this.#setDay(this.#digits === 2 ? fullYear(year) : year, month, day);
  }

  /** `20260131`, `202601311515` and `20260131151500`. */
  #compact(number: number): boolean {
    const digits = this.#digits;
    if (digits !== 8 && digits !== 12 && digits !== 14) return false;
    const day = digits === 8 ? number : Math.floor(number / 10 ** (digits - 8));
    if (!this.#setDay(Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100)) return false;
    if (digits === 8) return this.#afterDate();
    return this.#setClock(number - day * 10 ** (digits - 8), digits - 8) && this.#rest();
  }

  /** A clock of four or six digits without colons. */
  #setClock(number: number, digits: number): boolean {
    const seconds = digits === 6 ? number % 100 : 0;
    const minutes = digits === 6 ? Math.floor(number / 100) : number;
    if (!isClock(Math.floor(minutes / 100), minutes % 100, seconds)) return false;
    this.clock = Math.floor(minutes / 100) * HOUR + (minutes % 100) * MINUTE + seconds * 1000;
    this.clocked = true;
    return true;
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
    if (this.#at === this.#end) return true;
    const code = this.#code();
    const marked = code === CAPITAL_T || code === SMALL_T || code === COLON; // ':' in logs of web servers
    if (marked) this.#at++;
    else while (this.#code() === COMMA || isBlank(this.#code())) this.#at++;
    if (!marked && !isDigit(this.#code())) {
      const from = this.#at;
      if (JOINING.has(this.#word())) this.#blanks();
      else this.#at = from;
    }
    if (!isDigit(this.#code())) return !marked && this.#rest();
    const number = this.#number();
    if (this.#endsHour()) return this.#digits <= 2 && this.#clockFrom(number) && this.#rest();
    if (this.#digits === 4 || this.#digits === 6) {
      return this.#setClock(number, this.#digits) && this.#fraction() && this.#rest();
    }
    if (this.#digits > 2) return false;
    return (this.#meridiem(number) || (marked && this.#hour(number))) && this.#rest();
  }

  /** True at a colon, or what stands for it after a date: `15.30` and `15h30`. */
  #endsHour(): boolean {
    const code = this.#code();
    if (code === COLON) return true;
    return (code === DOT || (code | 32) === SMALL_H) && isDigit(this.#text.charCodeAt(this.#at + 1));
  }

  #hour(hour: number): boolean {
    if (!isClock(hour, 0, 0)) return false;
    this.clock = hour * HOUR;
    this.clocked = true;
    return true;
  }

  /** `:15`, `:15:00`, `:15:00.5` and `:15 PM` from behind the hour. */
  #clockFrom(hour: number): boolean {
    const sign = this.#code();
    this.#at++;
    const minute = this.#number();
    if (this.#digits !== 2) return false;
    let second = 0;
    if (this.#code() === (sign === DOT ? DOT : COLON)) {
      this.#at++;
      second = this.#number();
      if (this.#digits !== 2) return false;
    }
    if (!isClock(hour, minute, second)) return false;
    this.clock = hour * HOUR + minute * MINUTE + second * 1000;
    this.clocked = true;
    if (!this.#fraction()) return false;
    this.#meridiem(hour);
    return true;
  }

  /** Digits after `.` or `,`: parts of a second. */
  #fraction(): boolean {
    const code = this.#code();
    if ((code !== DOT && code !== COMMA) || !isDigit(this.#text.charCodeAt(this.#at + 1))) return true;
    this.#at++;
    const number = this.#number();
    this.clock += (number / 10 ** this.#digits) * 1000;
    return this.#digits <= 15;
  }

  /** `AM`, `PM`, `a.m.` and `p.m.` after the hour, if they are there and the hour fits. */
  #meridiem(hour: number): boolean {
    const from = this.#at;
    this.#blanks();
    const half = this.#code() | 32;
    let to = this.#at + 1;
    if (this.#text.charCodeAt(to) === DOT) to++;
    if ((half !== 97 && half !== 112) || (this.#text.charCodeAt(to) | 32) !== 109 || hour < 1 || hour > 12) {
      this.#at = from;
      return false;
    }
    to++;
    if (this.#text.charCodeAt(to) === DOT) to++;
    if (isLetter(this.#text.charCodeAt(to))) {
      this.#at = from;
      return false;
    }
    this.#at = to;
    if (!this.clocked) this.clock = hour * HOUR;
    this.clocked = true;
    if (half === 112 && hour < 12) this.clock += 12 * HOUR;
    if (half === 97 && hour === 12) this.clock -= 12 * HOUR;
    return true;
  }

  /** A zone, if there is one, up to the end of the text. */
  #rest(): boolean {
    this.#blanks();
    if (this.#at === this.#end) return true;
    if (this.#code() === CAPITAL_Z && this.#at + 1 === this.#end) {
      this.#at = this.#end;
      this.offset = 0;
      return true;
    }
    if (isLetter(this.#code()) && !this.#namedOffset()) return false;
    const signed = this.#code() === MINUS || this.#code() === PLUS;
    if (signed && !this.#numberedOffset()) return false;
    this.#blanks();
    const opened = this.#code();
    if (opened !== 91 && opened !== 40) return true;
    if (!this.#text.endsWith(opened === 91 ? ']' : ')')) return false;
    const name = this.#text.slice(this.#at + 1, this.#end - 1);
    this.#at = this.#end;
    if (opened === 91 && Number.isNaN(this.offset)) {
      if (!isZone(name)) return false;
      this.zone = name;
    }
    return true;
  }

  #namedOffset(): boolean {
    const minutes = OFFSETS.get(this.#word());
    if (minutes === undefined) return false;
    this.offset = minutes * MINUTE;
    return true;
  }

  /** `+02`, `+0200`, `+02:00`, and after `GMT` the same. */
  #numberedOffset(): boolean {
    const negative = this.#code() === MINUS;
    this.#at++;
    let hours = this.#number();
    let minutes = 0;
    if (this.#digits === 4) {
      minutes = hours % 100;
      hours = Math.floor(hours / 100);
    } else if (this.#digits > 2 || this.#digits === 0) return false;
    else if (this.#code() === COLON) {
      this.#at++;
      minutes = this.#number();
      if (this.#digits !== 2) return false;
    }
    if (hours > 18 || minutes > 59) return false;
    const offset = (hours * 60 + minutes) * MINUTE;
    this.offset = negative ? -offset : offset;
    return true;
  }

  /** Passes what may be between the parts of a date; false if nothing is. */
  #separator(): boolean {
    const from = this.#at;
    let code = this.#code();
    while (code === MINUS || code === DOT || code === SLASH || isBlank(code)) code = this.#text.charCodeAt(++this.#at);
    return this.#at > from;
  }

  #blanks(): void {
    while (isBlank(this.#code())) this.#at++;
  }

  #code(): number {
    return this.#at < this.#end ? this.#text.charCodeAt(this.#at) : 0;
  }

  #number(): number {
    const from = this.#at;
    let number = 0;
    for (let code = this.#code(); isDigit(code); code = this.#code()) {
      number = number * 10 + (code - 48);
      this.#at++;
    }
    this.#digits = this.#at - from;
    return number;
  }

  /** The letters from here, in lower case. */
  #word(): string {
    const from = this.#at;
    let code = this.#code();
    while (isLetter(code) || code > 191) {
      this.#at++;
      code = this.#code();
    }
    return this.#text.slice(from, this.#at).toLowerCase();
  }
}

function dayNumber(year: number, month: number, day: number): number {
  return isDay(year, month, day) ? daysSince1970(year, month, day) : Number.NaN;
}

/** True for a time of day. 24:00:00 is the end of the day, and a minute may have a leap second. */
function isClock(hour: number, minute: number, second: number): boolean {
  return hour < 24 ? minute < 60 && second <= 60 : hour === 24 && minute === 0 && second === 0;
}
