import { findOutlying, MOST_OUTLYING, type Outlying } from './outlying.ts';

const KEPT = MOST_OUTLYING + 1;

/** A time stamp and where it stands. */
export interface Stamp {
  /** [ms since 1970] */
  readonly at: number;
  readonly line: number;
}

/** Where the times of a series lie. */
export interface Range {
  readonly first: Stamp | undefined;
  readonly last: Stamp | undefined;
  readonly outlying: readonly Stamp[];
}

/** The smallest stamps of a series, in whatever order they come. */
class Smallest {
  readonly #stamps: Stamp[] = [];
  /** The place of the largest of them. */
  #largest = 0;

  add(at: number, line: number): void {
    const stamps = this.#stamps;
    if (stamps.length < KEPT) stamps.push({ at, line });
    else if (at < stamps[this.#largest]!.at) stamps[this.#largest] = { at, line };
    else return;
    this.#largest = 0;
    for (let i = 1; i < stamps.length; i++) if (stamps[i]!.at > stamps[this.#largest]!.at) this.#largest = i;
  }

  get sorted(): Stamp[] {
    return [...this.#stamps].sort((a, b) => a.at - b.at);
  }
}

/** Keeps the first and the last stamps of a series in whatever order they come, to tell which are outlying. */
export class Extremes {
  readonly #first = new Smallest();
  readonly #last = new Smallest();
  #rows = 0;

  add(at: number, line: number): void {
    this.#rows += 1;
    this.#first.add(at, line);
    this.#last.add(-at, line);
  }

  /**
   * The stamps that are outlying, which are more than `least` ms from the others, and the first and the last of these;
   * undefined if there are none.
   */
  range(least: number): Range {
    const first = this.#first.sorted;
    const last = this.#last.sorted.map(({ at, line }) => ({ at: -at, line })).toReversed();
    const { early, late }: Outlying = findOutlying(
      first.map(({ at }) => at),
      last.map(({ at }) => at),
      this.#rows,
      least,
    );
    const end = last.length - late;
    return { first: first[early], last: last[end - 1], outlying: [...first.slice(0, early), ...last.slice(end)] };
  }
}
