import { FITS_COMMA, FITS_DOT, NumberScan } from './number-scan.ts';
import { Range } from './range.ts';
import { StandIns } from './stand-ins.ts';

/** A field and the line that it is in. */
export interface Cell {
  readonly line: number;
  readonly text: string;
}

/** More units than this in one column are no units. */
const MAX_UNITS = 4;

/** What all numbers of a column show of their form, in constant memory. The order of the rows does not matter. */
export class NumberSurvey {
  /** Numbers with neither decimal sign, and those that have one, as read with '.' and with ','. */
  readonly plain = new Range();
  readonly dot = new Range();
  readonly comma = new Range();
  /** The first number that fits one decimal sign only. */
  provesDot: Cell | undefined;
  provesComma: Cell | undefined;
  /** The first number that fits both with different values: by the sign that is in it. */
  readonly either: { '.': Cell | undefined; ',': Cell | undefined } = { '.': undefined, ',': undefined };
  /** The first number that may be two, as `NumberScan` has it. */
  padded: Cell | undefined;
  readonly standIns = new StandIns();
  /** How many numbers have more than three digits that are not grouped. */
  long = 0;
  /**
   * The range of the whole numbers of three digits without a sign: beside `1.002` they show that thousands are grouped.
   */
  readonly three = new Range();
  /** The signs that group thousands and cannot be the decimal sign. */
  readonly groups = new Set<string>();
  /** The units, and the first number with each. A number without one has the unit ''. */
  readonly units = new Map<string, Cell>();
  /**
   * How many fields are a number as read with the one decimal sign and stand for a missing value with the other: by the
   * sign with which they are missing.
   */
  readonly missingWith = { '.': 0, ',': 0 };
  readonly #scan = new NumberScan();
  readonly #missing: ReadonlySet<number>;
  #unit: string | undefined;
  /** Numbers with a decimal sign. */
  #signed = 0;

  /** `missing`: numbers that stand for missing values. */
  constructor(missing: ReadonlySet<number>) {
    this.#missing = missing;
  }

  /** How many fields are a number with at least one decimal sign. */
  get count(): number {
    return this.plain.count + this.#signed;
  }

  /** False if the field is not a number in any form; `missing` if it stands for a missing value in all. */
  add(text: string, line: number): boolean | 'missing' {
    const scan = this.#scan;
    if (!scan.scan(text)) return false;
    const asDot = this.#missing.has(scan.dot);
    const asComma = this.#missing.has(scan.comma);
    if (asDot && asComma) return 'missing';
    if (scan.unit !== this.#unit) this.#addUnit(scan.unit, line, text);
    if (asDot !== asComma) {
      this.#addEitherWay(asDot);
      return true;
    }
    this.standIns.add(scan.dot);
    if (scan.padded) this.padded ??= { line, text };
    if (scan.long) this.long++;
    if (scan.group !== '') this.groups.add(scan.group);
    if (scan.fits === (FITS_DOT | FITS_COMMA) && scan.either === '') {
      this.plain.add(scan.dot);
      const size = Math.abs(scan.dot);
      if (size >= 100 && size < 1000) this.three.add(size);
      return true;
    }
    this.#signed++;
    this.dot.add(scan.dot);
    this.comma.add(scan.comma);
    if (scan.either !== '') this.either[scan.either] ??= { line, text };
    else if (scan.fits === FITS_DOT) this.provesDot ??= { line, text };
    else this.provesComma ??= { line, text };
    return true;
  }

  /** A field that is missing as read with the one decimal sign shows nothing of the form of the others. */
  #addEitherWay(asDot: boolean): void {
    this.#signed++;
    this.missingWith[asDot ? '.' : ',']++;
    if (asDot) this.comma.add(this.#scan.comma);
    else this.dot.add(this.#scan.dot);
  }

  #addUnit(unit: string, line: number, text: string): void {
    this.#unit = unit;
    if (!this.units.has(unit) && this.units.size < MAX_UNITS) this.units.set(unit, { line, text });
  }

  /** The value of the last number that was added, if no sign in it decides it. */
  get last(): number {
    return this.#scan.dot;
  }
}
