import { isBlank, isDigit, isLetter } from './characters.ts';

const [MINUS, DOT, SLASH, BACKSLASH] = [45, 46, 47, 92] as const;

/** A place in a text of a time, which the scans of its date, its time of day and its offset move on. */
export class TimeCursor {
  text = '';
  /** The next character. */
  at = 0;
  /** The place after the last character that counts. */
  end = 0;
  /** How many digits the last number had. */
  digits = 0;

  /** Goes to the first character of the text, of which those up to `end` count, without blanks before it. */
  begin(text: string, end: number): void {
    this.text = text;
    this.at = 0;
    this.end = end;
    while (this.end > 0 && isBlank(text.charCodeAt(this.end - 1))) this.end--;
  }

  get isAtEnd(): boolean {
    return this.at === this.end;
  }

  /** The next character; 0 at the end. */
  code(): number {
    return this.at < this.end ? this.text.charCodeAt(this.at) : 0;
  }

  /** The character after the next one; NaN behind the text. */
  codeAfter(): number {
    return this.text.charCodeAt(this.at + 1);
  }

  /** The number that begins here; 0 of no digits if none does. */
  number(): number {
    const from = this.at;
    let number = 0;
    for (let code = this.code(); isDigit(code); code = this.code()) {
      number = number * 10 + (code - 48);
      this.at++;
    }
    this.digits = this.at - from;
    return number;
  }

  /** The number of two digits at a place; NaN if there is none. */
  pairAt(place: number): number {
    const [tens, ones] = [this.text.charCodeAt(place), this.text.charCodeAt(place + 1)];
    return isDigit(tens) && isDigit(ones) ? (tens - 48) * 10 + (ones - 48) : Number.NaN;
  }

  /** The letters from here, in lower case. */
  word(): string {
    const from = this.at;
    let code = this.code();
    while (isLetter(code) || code > 191) {
      this.at++;
      code = this.code();
    }
    return this.text.slice(from, this.at).toLowerCase();
  }

  blanks(): void {
    while (isBlank(this.code())) this.at++;
  }

  /** Passes what may be between the parts of a date; false if nothing is. */
  separator(): boolean {
    const from = this.at;
    let code = this.code();
    while (code === MINUS || code === DOT || code === SLASH || code === BACKSLASH || isBlank(code))
      code = this.text.charCodeAt(++this.at);
    return this.at > from;
  }
}
