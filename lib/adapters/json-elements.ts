import { GatecastError } from '../base/errors.ts';
import type { TextLine } from './text-lines.ts';

/** `[`, perhaps with an object behind it, or `{` alone. */
const ELEMENTS = /^\ufeff?\s*(?:\[\s*(?:\{|$)|\{\s*$)/;

/** All that can end an element, or keep it from its end. */
const SIGNS = /["\\[\]{},]/g;

/** Whether a text with this first line is an array of objects, or objects that go over several lines. */
export function beginsElements(first: string): boolean {
  return ELEMENTS.test(first);
}

/**
 * Cuts a text that is an array of JSON, or objects one after the other, into its elements, which may go over several
 * lines.
 */
export class JsonElements {
  readonly #source: string;
  readonly #maxLength: number;
  /** What an element is within: one bracket in an array. Undefined before the first character. */
  #level: 0 | 1 | undefined;
  #depth = 0;
  #isQuoted = false;
  /** The element so far, and the line on which it begins; 0 before its first character. */
  #texts: string[] = [];
  #length = 0;
  #begin = 0;
  #isClosed = false;

  /** `source` is for errors, and `maxLength` the length of the longest accepted element. */
  constructor(source: string, maxLength: number) {
    this.#source = source;
    this.#maxLength = maxLength;
  }

  /** The elements that end in these lines, each with the line on which it begins. Throws `invalid-data`. */
  push(lines: readonly TextLine[]): TextLine[] {
    const found: TextLine[] = [];
    for (const line of lines) this.#pushLine(line, found);
    return found;
  }

  /** Throws `invalid-data` if the text ends within an element or an array. */
  end(): void {
    if (this.#begin === 0 && (this.#level !== 1 || this.#isClosed)) return;
    const within = this.#begin === 0 ? 'its array' : `what begins in line ${this.#begin}`;
    throw new GatecastError('invalid-data', `Expected JSON in ${this.#source} but it ends within ${within}.`);
  }

  #pushLine({ number, text }: TextLine, found: TextLine[]): void {
    let from = 0;
    if (this.#level === undefined) {
      if (text.trim() === '') return;
      this.#level = text.trimStart().startsWith('[') ? 1 : 0;
    }
    SIGNS.lastIndex = 0;
    for (let match = SIGNS.exec(text); match; match = SIGNS.exec(text)) {
      const at = match.index;
      const sign = match[0];
      if (this.#isQuoted) {
        if (sign === '\\') SIGNS.lastIndex = at + 2;
        else if (sign === '"') this.#isQuoted = false;
      } else if (sign === '"') this.#isQuoted = true;
      else if (sign === '{' || sign === '[') {
        if (this.#depth++ === 0 && this.#level === 1 && !this.#isClosed) from = at + 1;
      } else if (sign === '}' || sign === ']') {
        const isLast = --this.#depth === 0;
        if (!isLast) continue;
        this.#take(text.slice(from, this.#level === 1 ? at : at + 1), number);
        this.#cut(found);
        this.#isClosed = this.#level === 1;
        from = at + 1;
      } else if (sign === ',' && this.#depth === 1 && this.#level === 1) {
        this.#take(text.slice(from, at), number);
        this.#cut(found);
        from = at + 1;
      }
    }
    this.#take(text.slice(from), number);
  }

  /** Adds a part of an element. */
  #take(text: string, number: number): void {
    if (this.#begin === 0) {
      if (text.trim() === '') return;
      if (this.#isClosed) {
        const message = `Expected nothing behind the array in ${this.#source} but line ${number} goes on.`;
        throw new GatecastError('invalid-data', message);
      }
      this.#begin = number;
    }
    this.#texts.push(text);
    this.#length += text.length + 1;
    if (this.#length <= this.#maxLength) return;
    const message = `Expected at most ${this.#maxLength} characters in what begins in line ${this.#begin} of ${this.#source} but it is longer.`;
    throw new GatecastError('invalid-data', message);
  }

  #cut(found: TextLine[]): void {
    if (this.#begin > 0) found.push({ number: this.#begin, text: this.#texts.join('\n') });
    this.#texts = [];
    this.#length = 0;
    this.#begin = 0;
  }
}
