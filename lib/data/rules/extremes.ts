import { findOutlying, MOST_OUTLYING, type Outlying } from './outlying.ts';

const KEPT = MOST_OUTLYING + 1;

/** A time stamp and where it stands. */
export interface Stamp {
  /** [ms since 1970] */
  readonly at: number;
  readonly line: number;
}

/** Where the times of a series lie: the first and the last stamp, apart from outlying ones. */
export interface TimeSpan {
  readonly first: Stamp | undefined;
  readonly last: Stamp | undefined;
  readonly outlying: readonly Stamp[];
}

/** The largest stamps of a series, in whatever order they come. */
class Largest {
  /** In ascending order from `#first` on, around the end, so that a new largest takes the place of the smallest. */
  readonly #at = new Float64Array(KEPT).fill(Number.NEGATIVE_INFINITY);
  readonly #line = new Float64Array(KEPT);
  #first = 0;

  add(at: number, line: number): void {
    let place = this.#first;
    if (at <= this.#at[place]!) return;
    this.#first = (place + 1) % KEPT;
    for (let count = 1; count < KEPT; count++) {
      const before = (this.#first + KEPT - 1 - count) % KEPT;
      if (this.#at[before]! <= at) break;
      this.#at[place] = this.#at[before]!;
      this.#line[place] = this.#line[before]!;
      place = before;
    }
    this.#at[place] = at;
    this.#line[place] = line;
  }

  /** The stamps in ascending order. */
  get stamps(): Stamp[] {
    return Array.from(this.#at, (_, i) => (this.#first + i) % KEPT)
      .map((place) => ({ at: this.#at[place]!, line: this.#line[place]! }))
      .filter(({ at }) => at > Number.NEGATIVE_INFINITY);
  }
}

/** Keeps the first and the last stamps of a series in whatever order they come, to tell which are outlying. */
export class Extremes {
  readonly #first = new Largest();
  readonly #last = new Largest();
  #rows = 0;

  add(at: number, line: number): void {
    this.#rows += 1;
    this.#first.add(-at, line);
    this.#last.add(at, line);
  }

  /** The span of the series. A stamp is outlying only if it is more than `least` ms from the others. */
  range(least: number): TimeSpan {
    const first = this.#first.stamps.map(({ at, line }) => ({ at: -at, line })).toReversed();
    const last = this.#last.stamps;
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
