import { isBlank } from './characters.ts';

/** Words for a missing value in any column: what databases, spreadsheets and languages write for no value at all. */
const WORDS: ReadonlySet<string> = new Set([
  '',
  '#n/a n/a',
  '\\n',
  ...'? . ... … – — //// na n/a n/e n.a. <na> null (null) nil none missing nat undefined'.split(' '),
  ...'nan +nan -nan inf +inf -inf infinity +infinity -infinity'.split(' '),
  ...'1.#qnan -1.#qnan 1.#ind -1.#ind 1.#inf -1.#inf'.split(' '),
  ...'#n/a #na #nv #div/0! #value! #wert! #null! #num! #zahl! #ref!'.split(' '),
]);

/** Databases also draw a line of dashes under the names. */
const DASHES = /^-+$/;

const LONGEST = Math.max(...[...WORDS].map((word) => word.length));

/**
 * Words that beside numbers or booleans can only mean a missing value: home automation writes them for every sensor
 * that is out of reach. In a column of words they are words like any other. Words such as `error` or `off` may mean
 * more than that, so they are offered in an error and never read as missing in silence.
 */
const ABSENT: ReadonlySet<string> = new Set(['unavailable', 'unknown']);

/** True for the words that stand for a missing value in any column. */
export function isMissing(field: string): boolean {
  return (field.length <= LONGEST && WORDS.has(field.toLowerCase())) || DASHES.test(field);
}

/** True for words that stand for a missing value beside numbers and booleans only. */
export function isAbsent(word: string): boolean {
  return ABSENT.has(word.toLowerCase());
}

/** The words for missing values of one source: those that always are, and the user's. */
export class MissingWords {
  readonly #given: ReadonlySet<string>;
  /** The numbers among the user's words: `-999` also means the fields `-999.0` and `-9.99e2`. */
  readonly numbers: ReadonlySet<number>;

  constructor(given: readonly string[] = []) {
    this.#given = new Set(given.map((word) => word.trim().toLowerCase()));
    const isNumber = (word: string) => /^[+-]?\.?\d/.test(word) && Number.isFinite(Number(word));
    this.numbers = new Set([...this.#given].filter(isNumber).map(Number));
  }

  /** True if the field, blanks around it apart, is one of the words, in upper or lower case. */
  has(field: string): boolean {
    const text = isBlank(field.charCodeAt(0)) || isBlank(field.charCodeAt(field.length - 1)) ? field.trim() : field;
    return isMissing(text) || this.isGiven(text);
  }

  /** True if the text is one of the user's words. */
  isGiven(text: string): boolean {
    return this.#given.size > 0 && this.#given.has(text.toLowerCase());
  }
}
