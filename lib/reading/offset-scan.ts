import { isZone } from '../base/zone.ts';
import { isLetter } from './characters.ts';
import type { TimeCursor } from './time-cursor.ts';

const [BRACKET, SQUARE, PLUS, MINUS, COLON, CAPITAL_Z] = [40, 91, 43, 45, 58, 90] as const;
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

/** Reads what a text of a time says of its zone, behind date and time of day. */
export class OffsetScan {
  /** Offset from UTC [ms]; NaN if the text has none. */
  ms = Number.NaN;
  /** A zone such as 'Europe/Berlin' in brackets; '' if there is none or an offset goes with it. */
  zone = '';
  readonly #cursor: TimeCursor;

  constructor(cursor: TimeCursor) {
    this.#cursor = cursor;
  }

  reset(): void {
    this.ms = Number.NaN;
    this.zone = '';
  }

  /** A zone, if there is one, up to the end of the text. */
  rest(): boolean {
    const cursor = this.#cursor;
    cursor.blanks();
    if (cursor.isAtEnd) return true;
    if (cursor.code() === CAPITAL_Z && cursor.at + 1 === cursor.end) {
      cursor.at = cursor.end;
      this.ms = 0;
      return true;
    }
    if (isLetter(cursor.code()) && !this.named()) return false;
    const signed = cursor.code() === MINUS || cursor.code() === PLUS;
    if (signed && !this.#numbered()) return false;
    cursor.blanks();
    const opened = cursor.code();
    if (opened !== SQUARE && opened !== BRACKET) return true;
    if (!cursor.text.endsWith(opened === SQUARE ? ']' : ')')) return false;
    const name = cursor.text.slice(cursor.at + 1, cursor.end - 1);
    cursor.at = cursor.end;
    if (opened === SQUARE && Number.isNaN(this.ms)) {
      if (!isZone(name)) return false;
      this.zone = name;
    }
    return true;
  }

  /** `CET`, `GMT` and the like. */
  named(): boolean {
    const minutes = OFFSETS.get(this.#cursor.word());
    if (minutes === undefined) return false;
    this.ms = minutes * MINUTE;
    return true;
  }

  /** `+02`, `+0200`, `+02:00`, and after `GMT` the same. */
  #numbered(): boolean {
    const cursor = this.#cursor;
    const negative = cursor.code() === MINUS;
    cursor.at++;
    let hours = cursor.number();
    let minutes = 0;
    if (cursor.digits === 4) {
      minutes = hours % 100;
      hours = Math.floor(hours / 100);
    } else if (cursor.digits > 2 || cursor.digits === 0) return false;
    else if (cursor.code() === COLON) {
      cursor.at++;
      minutes = cursor.number();
      if (cursor.digits !== 2) return false;
    }
    if (hours > 18 || minutes > 59) return false;
    const offset = (hours * 60 + minutes) * MINUTE;
    this.ms = negative ? -offset : offset;
    return true;
  }
}
