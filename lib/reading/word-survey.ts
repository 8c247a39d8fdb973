import { ownedText } from '../base/owned-text.ts';
import type { Cell } from './number-survey.ts';

/** Most different words of a column that are kept: a column with more is text. */
export const MAX_WORDS = 1000;

/** Longest word that is kept. */
const LONGEST = 200;

interface Word {
  count: number;
  line: number;
}

/** Counts the different words of a column, in bounded memory. */
export class WordSurvey {
  count = 0;
  /** The first field. */
  first: Cell | undefined;
  /** True if there were too many words, or too long ones, to keep. */
  overflowed = false;
  readonly #most: number;
  readonly #words = new Map<string, Word>();

  /** `most`: how many different words are kept. */
  constructor(most = MAX_WORDS) {
    this.#most = most;
  }

  /** True if the word was added before. Then it is counted once more. */
  again(text: string): boolean {
    const word = this.#words.get(text);
    if (word === undefined) return false;
    word.count++;
    this.count++;
    return true;
  }

  add(text: string, line: number): void {
    if (this.again(text)) return;
    this.count++;
    this.first ??= { line, text };
    if (this.overflowed) return;
    if (this.#words.size < this.#most && text.length <= LONGEST) {
      this.#words.set(ownedText(text), { count: 1, line });
    } else {
      this.overflowed = true;
      this.#words.clear();
    }
  }

  /** The words, sorted, so that the order of the rows does not matter; none after an overflow. */
  get words(): string[] {
    return [...this.#words.keys()].sort();
  }

  entries(): Iterable<[string, Readonly<Word>]> {
    return this.#words;
  }
}
