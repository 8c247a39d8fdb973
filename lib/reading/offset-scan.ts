import { isZone } from '../base/zone.ts';
import { isLetter } from './characters.ts';
import type { TimeCursor } from './time-cursor.ts';

const [BRACKET, SQUARE, PLUS, MINUS, COLON, CAPITAL_Z] = [40, 91, 43, 45, 58, 90] as const;
const MINUTE = 60_000;
/** What may be the name of a zone: to ask for it takes long. */
const PLACE = /^[A-Z][A-Za-z_]+(?:\/[A-Z][A-Za-z_-]+){1,2}$/;

/**
 * Offsets from UTC [min] by name: those of RFC 2822, and others that mean one zone only. IST is that of India, Israel
 * and Ireland.
 */
const OFFSETS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    utc: 0,
    gmt: 0,
    ut: 0,
    z: 0,
    wet: 0,
    west: 60,
    bst: 60,
    cet: 60,
    mez: 60,
    cest: 120,
    mesz: 120,
    eet: 120,
    eest: 180,
    sast: 120,
    msk: 180,
    hkt: 480,
    sgt: 480,
    awst: 480,
    jst: 540,
    kst: 540,
    aest: 600,
    aedt: 660,
    nzst: 720,
    nzdt: 780,
    edt: -240,
    est: -300,
    cdt: -300,
    cst: -360,
    mdt: -360,
    mst: -420,
    pdt: -420,
    pst: -480,
    akdt: -480,
    akst: -540,
    hst: -600,
  }),
);

/** Reads what a text of a time says of its zone, behind date and time of day. */
export class OffsetScan {
  /** Offset from UTC [ms]; NaN if the text has none. */
  ms = Number.NaN;
  /** A zone such as 'Europe/Berlin', also in brackets; '' if there is none or an offset goes with it. */
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
    if (isLetter(cursor.code()) && !this.named()) return this.#place();
    const signed = cursor.code() === MINUS || cursor.code() === PLUS;
    if (signed && !this.#numbered()) return false;
    cursor.blanks();
    if (signed && isLetter(cursor.code())) {
      const { ms } = this; // `+0100 CET`: the number says more than the name
      if (!this.named()) return false;
      this.ms = ms;
      cursor.blanks();
    }
    const opened = cursor.code();
    if (opened !== SQUARE && opened !== BRACKET) return true;
    if (!cursor.text.endsWith(opened === SQUARE ? ']' : ')')) return false;
    const name = cursor.text.slice(cursor.at + 1, cursor.end - 1);
    if (/^b\.?c\b/i.test(name)) return false; // before Christ
    cursor.at = cursor.end;
    if (opened === SQUARE && Number.isNaN(this.ms)) {
      if (!isZone(name)) return false;
      this.zone = name;
    }
    return true;
  }

  /** `CET`, `GMT` and the like. If it is another word, nothing was read. */
  named(): boolean {
    const from = this.#cursor.at;
    const minutes = OFFSETS.get(this.#cursor.word());
    if (minutes === undefined) {
      this.#cursor.at = from;
      return false;
    }
    this.ms = minutes * MINUTE;
    return true;
  }

  /** `Europe/Berlin` up to the end of the text. */
  #place(): boolean {
    const cursor = this.#cursor;
    const name = cursor.text.slice(cursor.at, cursor.end);
    if (!PLACE.test(name) || !isZone(name)) return false;
    cursor.at = cursor.end;
    this.zone = name;
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
