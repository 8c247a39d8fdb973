import { ownedText } from '../base/owned-text.ts';

/** The keys of rows by the fields of these columns; '' without columns. Several are joined with '/'. */
export class Keys {
  readonly #by: readonly number[];
  readonly #known = new Map<string, string>();

  constructor(by: readonly number[]) {
    this.#by = by;
  }

  of(fields: readonly string[]): string {
    const by = this.#by;
    if (by.length === 0) return '';
    return this.#own(by.length === 1 ? fields[by[0]!]! : by.map((index) => escaped(fields[index]!)).join('/'));
  }

  #own(key: string): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const own = ownedText(key);
    this.#known.set(own, own);
    return own;
  }
}

/** So that no two rows of different fields get the same key. */
function escaped(field: string): string {
  return /[/\\]/.test(field) ? field.replaceAll(/[/\\]/g, '\\$&') : field;
}
