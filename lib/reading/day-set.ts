/** The first and last days that are kept: 1 January 1900 and 31 December 2149, since 1970. */
const [FIRST, LAST] = [-25_567, 65_744] as const;

/** A set of days of the calendar in constant memory, a bit for each. Other days are left out. */
export class DaySet {
  readonly #bits = new Uint8Array(((LAST - FIRST) >> 3) + 1);

  /** Adds a day, counted from 1 January 1970. */
  add(day: number): void {
    const bit = day - FIRST;
    if (day >= FIRST && day <= LAST) this.#bits[bit >> 3]! |= 1 << (bit & 7);
  }

  /** The most days from one day of the set to the next; 0 if it has less than two. */
  longestStep(): number {
    let longest = 0;
    let before = -1;
    for (let bit = 0; bit <= LAST - FIRST; bit++) {
      if ((this.#bits[bit >> 3]! & (1 << (bit & 7))) === 0) continue;
      if (before >= 0) longest = Math.max(longest, bit - before);
      before = bit;
    }
    return longest;
  }
}
