import { isBlank, isDigit, isLetter } from './characters.ts';
import { unitBefore, unitLength } from './units.ts';

const [TAB, BLANK, PLUS, COMMA, MINUS, DOT] = [9, 32, 43, 44, 45, 46] as const;
const [APOSTROPHE, OPEN, CLOSE] = [39, 40, 41] as const;

/** Powers of ten that a double holds exactly. */
const TENS = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

const ZERO = 48;

/** The base of whole numbers behind `0x` and `0b`, by the letter in lower case. */
const BASES: Readonly<Record<number, number>> = { 120: 16, 98: 2 };

/** With which decimal sign a text is a number: bits. */
export const FITS_DOT = 1;
export const FITS_COMMA = 2;

/**
 * Reads one text as a number with either decimal sign, in one pass and without making strings. Thousands may be grouped
 * by `.`, `,`, blanks of any kind or apostrophes. The fields are those of the last text that `scan` found to be a
 * number.
 */
export class NumberScan {
  /** `FITS_DOT`, `FITS_COMMA` or both. */
  fits = 0;
  /** The number if the decimal sign is `.`; only if that fits. */
  dot = 0;
  /** The number if the decimal sign is `,`; only if that fits. */
  comma = 0;
  /** '.' or ',' if the text has one such sign that may end the whole part or a group of thousands; else ''. */
  either: '' | '.' | ',' = '';
  /** The sign that groups thousands; '' if there is none or it may be the decimal sign. */
  group: '' | '.' | ',' | ' ' | "'" = '';
  /** True if more than three digits are not grouped. */
  long = false;
  /** True for zeros before the digits of a number with a comma: `+0056,1`, which may also be two numbers. */
  padded = false;
  /** The unit beside the number, such as `%`; '' if there is none. */
  unit = '';

  #suffix = '';

  /** True if the text is a number in any form. */
  scan(text: string): boolean {
    let end = text.length;
    let at = 0;
    while (at < end && isBlank(text.charCodeAt(at))) at++;
    while (end > at && isBlank(text.charCodeAt(end - 1))) end--;
    this.unit = '';
    let code = text.charCodeAt(at);
    let negative = false;
    if (code === OPEN && text.charCodeAt(end - 1) === CLOSE) {
      negative = true; // as accountants write it
      end--;
      code = text.charCodeAt(++at);
    } else if (isSign(code)) {
      negative = code !== PLUS;
      code = text.charCodeAt(++at);
    } else if (text.charCodeAt(end - 1) === MINUS && end - at > 1) {
      negative = true; // as SAP writes it
      end--;
    }
    if (!isDigit(code) && code !== DOT && code !== COMMA) {
      const length = at < end ? unitBefore(text, at) : 0;
      if (length === 0) return false;
      this.unit = text.slice(at, at + length).trim();
      at += length;
      if (!negative && isSign(text.charCodeAt(at))) negative = text.charCodeAt(at++) !== PLUS;
    }
    if (code === ZERO && end - at > 2) {
      const whole = wholeOf(text, at, end);
      if (whole !== undefined) return this.#based(negative ? -whole : whole);
    }
    return this.#body(text, at, end, negative);
  }

  /** `0x1F` and `0b101`, up to what a double holds exactly: longer ones are addresses and keys. */
  #based(value: number): boolean {
    this.fits = FITS_DOT | FITS_COMMA;
    this.dot = this.comma = value;
    this.either = this.group = '';
    this.long = this.padded = false;
    return Number.isSafeInteger(value);
  }

  #body(text: string, start: number, end: number, negative: boolean): boolean {
    let at = start;
    let whole = 0; // all digits as one whole number
    let lead = 0; // digits before the first sign
    let run = 0; // digits since the last sign
    let first = 0;
    let count = 0;
    let second = 0;
    for (; at < end; at++) {
      const code = text.charCodeAt(at);
      if (isDigit(code)) {
        whole = whole * 10 + (code - 48);
        run++;
        continue;
      }
      const sign = signOf(code, text.charCodeAt(at + 1));
      if (sign === 0) break;
      if (second !== 0) return false;
      if (first === 0) {
        first = sign;
        lead = run;
      } else {
        // In India a group of thousands has three digits and those before it two: 12,34,567.
        if (run !== 3 && (run !== 2 || sign !== COMMA || first !== COMMA)) return false;
        if (sign !== first) {
          if (sign !== DOT && sign !== COMMA) return false;
          second = sign;
        }
      }
      if (sign === first) count++;
      run = 0;
    }
    if (lead + run === 0) return false;
    const body = at;
    let exponent = 0;
    let scientific = false;
    if (at < end && isExponent(text.charCodeAt(at))) {
      const length = exponentLength(text, at, end);
      if (length > 0) exponent = Number(text.slice(at + 1, at + length));
      scientific = length > 0;
      at += length;
    }
    if (at < end && !this.#endsInUnit(text, at, end)) return false;

    const zero = text.charCodeAt(start) === ZERO;
    const grouped = lead >= 1 && lead <= 3 && !zero && (second !== 0 || run === 3) && !scientific;
    const digits = whole > Number.MAX_SAFE_INTEGER ? text.slice(start, body) : '';
    const asWhole = numberOf(digits, whole, exponent, negative);
    const asFraction = first === 0 ? asWhole : numberOf(digits, whole, exponent - run, negative);
    this.either = '';
    this.group = '';
    this.long = (first === 0 ? run : lead) > 3;
    this.padded = zero && lead > 1 && first === COMMA;
    if (first === 0) {
      this.fits = FITS_DOT | FITS_COMMA;
      this.dot = this.comma = asWhole;
    } else if (second !== 0) {
      if (!grouped) return false;
      this.group = SIGNS[first]!;
      this.#only(second, asFraction);
    } else if (first !== DOT && first !== COMMA) {
      if (!grouped) return false;
      this.group = SIGNS[first]!;
      this.fits = FITS_DOT | FITS_COMMA;
      this.dot = this.comma = asWhole;
    } else if (count > 1) {
      if (!grouped) return false;
      this.group = SIGNS[first]!;
      this.#only(first === DOT ? COMMA : DOT, asWhole);
    } else {
      this.#only(first, asFraction);
      if (!grouped) return Number.isFinite(this.dot) && Number.isFinite(this.comma);
      this.either = first === DOT ? '.' : ',';
      this.fits = FITS_DOT | FITS_COMMA;
      if (first === DOT) this.comma = asWhole;
      else this.dot = asWhole;
    }
    return Number.isFinite(this.dot) && Number.isFinite(this.comma);
  }

  #only(decimal: number, value: number): void {
    this.fits = decimal === DOT ? FITS_DOT : FITS_COMMA;
    this.dot = this.comma = value;
  }

  /** The unit of the last number is tried first, because a column has one unit. */
  #endsInUnit(text: string, from: number, end: number): boolean {
    if (this.unit !== '') return false;
    let at = from;
    while (isBlank(text.charCodeAt(at))) at++;
    const known = this.#suffix.length === end - at && this.#suffix !== '' && text.startsWith(this.#suffix, at);
    if (!known && unitLength(text, at, end) !== end - at) return false;
    if (!known) this.#suffix = text.slice(at, end);
    this.unit = this.#suffix;
    return true;
  }
}

const SIGNS: Readonly<Record<number, '.' | ',' | ' ' | "'">> = {
  [DOT]: '.',
  [COMMA]: ',',
  [BLANK]: ' ',
  [APOSTROPHE]: "'",
};

/** `.`, `,`, or a blank or apostrophe before a digit; 0 for any other character. */
function signOf(code: number, next: number): number {
  if (code === DOT || code === COMMA) return code;
  if (!isDigit(next)) return 0;
  if (code === APOSTROPHE || code === 0x2019) return APOSTROPHE;
  return isBlank(code) && code !== TAB ? BLANK : 0;
}

/** `whole` times ten to the `power`, rounded once. `digits` has the same whole number if a double cannot hold it. */
function numberOf(digits: string, whole: number, power: number, negative: boolean): number {
  let size: number;
  // Both factors are exact, so that the product is what `Number` would give.
  if (digits === '' && power >= -22 && power <= 22) size = power < 0 ? whole / TENS[-power]! : whole * TENS[power]!;
  else size = Number(`${digits === '' ? whole : digits.replaceAll(/\D/g, '')}e${power}`);
  return negative ? -size : size;
}

/** True for `e`, and for `D` as Fortran writes it. */
function isExponent(code: number): boolean {
  return (code | 32) === 101 || (code | 32) === 100;
}

/** The length of `e5` or `E-05` at this place; 0 if there is none. */
function exponentLength(text: string, at: number, end: number): number {
  let to = at + 1;
  if (text.charCodeAt(to) === PLUS || text.charCodeAt(to) === MINUS) to++;
  const digits = to;
  while (to < end && isDigit(text.charCodeAt(to))) to++;
  return to > digits ? to - at : 0;
}

/** The whole number in a text such as `0x1F` and `0b101`; undefined for any other text. */
function wholeOf(text: string, start: number, end: number): number | undefined {
  const base = BASES[text.charCodeAt(start + 1) | 32];
  if (base === undefined) return undefined;
  let whole = 0;
  for (let at = start + 2; at < end; at++) {
    const digit = digitOf(text.charCodeAt(at));
    if (digit >= base) return undefined;
    whole = whole * base + digit;
  }
  return whole;
}

/** The value of 0 to 9 and of letters from a as digits; infinite for any other character. */
function digitOf(code: number): number {
  if (isDigit(code)) return code - ZERO;
  return isLetter(code) ? (code | 32) - 87 : Number.POSITIVE_INFINITY;
}

function isSign(code: number): boolean {
  return code === MINUS || code === PLUS || code === 0x2212;
}
