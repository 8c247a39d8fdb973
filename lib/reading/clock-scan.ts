import { isBlank, isDigit, isLetter } from './characters.ts';
import type { TimeCursor } from './time-cursor.ts';

const [COMMA, MINUS, DOT, COLON] = [44, 45, 46, 58] as const;
const [SMALL_A, SMALL_H, SMALL_M, SMALL_P, SMALL_S] = [97, 104, 109, 112, 115] as const;
const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Reads the time of day in a text of a time. */
export class ClockScan {
  /** Since midnight [ms]; 0 if the text has no time of day. */
  ms = 0;
  /** True if the text has a time of day. */
  found = false;
  readonly #cursor: TimeCursor;

  constructor(cursor: TimeCursor) {
    this.#cursor = cursor;
  }

  reset(): void {
    this.ms = 0;
    this.found = false;
  }

  /** False for what no clock shows. */
  set(hour: number, minute: number, second: number): boolean {
    if (!isClock(hour, minute, second)) return false;
    this.ms = hour * HOUR + minute * MINUTE + second * 1000;
    this.found = true;
    return true;
  }

  /** A clock of four or six digits without colons. */
  setDigits(number: number, digits: number): boolean {
    const minutes = digits === 6 ? Math.floor(number / 100) : number;
    return this.set(Math.floor(minutes / 100), minutes % 100, digits === 6 ? number % 100 : 0);
  }

  /** True at a colon, or what stands for it after a date: `15.30` and `15h30`. */
  isAfterHour(): boolean {
    const code = this.#cursor.code();
    if (code === COLON) return true;
    return (code === DOT || (code | 32) === SMALL_H) && isDigit(this.#cursor.codeAfter());
  }

  /**
   * `:15`, `:15:00`, `:15:00.5`, `:15:00:500`, `:15 PM`, `h15m00s`, `-15-00` and `:5:3` from behind the hour. `dated`:
   * a date is before it, so that `:5` is a time too.
   */
  afterHour(hour: number, dated = false): boolean {
    const cursor = this.#cursor;
    const sign = cursor.code();
    cursor.at++;
    const minute = cursor.number();
    const short = cursor.digits === 1 && sign === COLON;
    if (cursor.digits !== 2 && !short) return false;
    let second = 0;
    const code = cursor.code();
    const lettered = (sign | 32) === SMALL_H && (code | 32) === SMALL_M;
    if (code === (sign === DOT || sign === MINUS ? sign : COLON) || (lettered && isDigit(cursor.codeAfter()))) {
      cursor.at++;
      second = cursor.number();
      if (cursor.digits !== 2 && (cursor.digits !== 1 || sign !== COLON)) return false;
      if (lettered && (cursor.code() | 32) === SMALL_S) cursor.at++;
    } else if (short && !dated) return false;
    if (!this.set(hour, minute, second) || !this.fraction()) return false;
    this.meridiem(hour);
    return true;
  }

  /** Digits after `.` or `,`, or three after `:`: parts of a second. False for more of them than anyone writes. */
  fraction(): boolean {
    const cursor = this.#cursor;
    const code = cursor.code();
    if ((code !== DOT && code !== COMMA && code !== COLON) || !isDigit(cursor.codeAfter())) return true;
    cursor.at++;
    const number = cursor.number();
    this.ms += (number / 10 ** cursor.digits) * 1000;
    return code === COLON ? cursor.digits === 3 : cursor.digits <= 15;
  }

  /** `AM`, `PM`, `a.m.` and `p. m.` after the hour, if they are there and the hour fits. */
  meridiem(hour: number): boolean {
    const cursor = this.#cursor;
    const from = cursor.at;
    cursor.blanks();
    const half = cursor.code() | 32;
    let to = cursor.at + 1;
    if (cursor.text.charCodeAt(to) === DOT && isBlank(cursor.text.charCodeAt(++to))) to++;
    const isHalf = (half === SMALL_A || half === SMALL_P) && (cursor.text.charCodeAt(to) | 32) === SMALL_M;
    if (isHalf) to++;
    if (isHalf && cursor.text.charCodeAt(to) === DOT) to++;
    if (!isHalf || hour < 1 || hour > 12 || isLetter(cursor.text.charCodeAt(to))) {
      cursor.at = from;
      return false;
    }
    cursor.at = to;
    if (!this.found) this.ms = hour * HOUR;
    this.found = true;
    if (half === SMALL_P && hour < 12) this.ms += 12 * HOUR;
    if (half === SMALL_A && hour === 12) this.ms -= 12 * HOUR;
    return true;
  }
}

/** True for a time of day. 24:00:00 is the end of the day, and a minute may have a leap second. */
function isClock(hour: number, minute: number, second: number): boolean {
  return hour < 24 ? minute < 60 && second <= 60 : hour === 24 && minute === 0 && second === 0;
}
