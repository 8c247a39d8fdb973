import { describe, expected, GatecastError } from '../base/errors.ts';
import { isAbsent, type MissingWords } from './missing.ts';
import { decideNumbers, provenDecimal } from './number-form.ts';
import { FITS_COMMA, FITS_DOT, NumberScan } from './number-scan.ts';
import { NumberSurvey } from './number-survey.ts';
import { switchOf } from './switches.ts';

type Decimal = '.' | ',';

export interface LiveNumbersOptions {
  missing: MissingWords;
  decimal?: Decimal | undefined;
  /** What separates the fields of a line. */
  delimiter?: string | undefined;
  /** Called once with a sentence, if a decimal sign that was found is not a point. */
  note: (sentence: string) => void;
}

/**
 * Reads the numbers of lines that come one by one. The first number of a field that can have one decimal sign only
 * decides for the field; of numbers before it, only those are read that another field, or what separates fields,
 * decides.
 */
export class LiveNumbers {
  readonly #options: LiveNumbersOptions;
  readonly #scan = new NumberScan();
  /** What the numbers of each field whose decimal sign is not known have shown. */
  readonly #surveys = new Map<string, NumberSurvey>();
  readonly #decimals = new Map<string, Decimal>();
  readonly #units = new Map<string, string>();
  #told = false;

  constructor(options: LiveNumbersOptions) {
    this.#options = options;
  }

  /** Looks at a field of a line. All fields of a line are looked at before the first is read. */
  look(name: string, field: string): void {
    const { decimal, missing, note } = this.#options;
    if (decimal !== undefined || this.#decimals.has(name)) return;
    let survey = this.#surveys.get(name);
    if (!survey) {
      survey = new NumberSurvey(missing.numbers);
      this.#surveys.set(name, survey);
    }
    survey.add(field, 1);
    const proven = provenDecimal(survey);
    if (proven === undefined) return;
    this.#decimals.set(name, proven);
    this.#surveys.delete(name);
    if (proven === '.' || this.#told) return;
    this.#told = true;
    note(`The decimal sign of the numbers is read as ",".`);
  }

  /**
   * The number in a field; 0 or 1 for `false` and `true`, and for words such as `off` and `on` if the field is a
   * `toggle`: beside numbers they may as well be a fault. NaN if it is missing. Throws `invalid-sample` for anything
   * else, and for a number that can be read in two ways.
   */
  read(name: string, field: string, toggle: boolean): number {
    const { missing } = this.#options;
    if (missing.has(field) || isAbsent(field.trim())) return Number.NaN;
    const scan = this.#scan;
    if (!scan.scan(field)) {
      const state = toggle || /^\s*(?:true|false)\s*$/i.test(field) ? switchOf(field.trim()) : undefined;
      if (state !== undefined) return state;
      const word = field.trim().slice(0, 40);
      throw misfit(name, field, `--missing ${/^[\w.-]+$/.test(word) ? word : describe(word)} reads it as missing.`);
    }
    const decimal = this.#options.decimal ?? this.#decimals.get(name) ?? this.#guessed(name, field);
    if (decimal !== undefined && (scan.fits & (decimal === ',' ? FITS_COMMA : FITS_DOT)) === 0) {
      throw misfit(name, field, `Its decimal sign is not ${describe(decimal)}, as in the numbers before.`);
    }
    this.#checkUnit(name, field, scan.unit);
    const value = decimal === ',' ? scan.comma : scan.dot;
    return missing.numbers.has(value) ? Number.NaN : value;
  }

  #checkUnit(name: string, field: string, unit: string): void {
    const first = this.#units.get(name);
    if (first === undefined) this.#units.set(name, unit);
    else if (first !== unit) {
      const before = first === '' ? 'no unit' : `the unit ${describe(first)}`;
      throw misfit(name, field, `The numbers before have ${before}.`);
    }
  }

  /** The sign of the last number, if it may be read in two ways; undefined if it has none. */
  #guessed(name: string, field: string): Decimal | undefined {
    const { either, dot, comma } = this.#scan;
    const survey = this.#surveys.get(name);
    if (either === '' || !survey) return undefined;
    const found = new Set(this.#decimals.values());
    const others = found.size === 1 ? [...found][0] : undefined;
    try {
      const { form } = decideNumbers(survey, { delimiter: this.#options.delimiter, others }, name, 'the input');
      return form.decimal ?? undefined;
    } catch (cause) {
      if (!(cause instanceof GatecastError)) throw cause;
      const what = expected('a number that can be read in one way', name, field);
      const message = `${what} It is ${dot} or ${comma}: --decimal '.' or --decimal ',' says which.`;
      throw new GatecastError('invalid-sample', message, { cause });
    }
  }
}

function misfit(name: string, field: string, hint: string): GatecastError {
  return new GatecastError('invalid-sample', `${expected('a finite number', name, field)} ${hint}`);
}
