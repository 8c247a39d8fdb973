/** How many samples show that time has advanced, if they come from two or more streams; and if they come from one. */
const OF_SEVERAL = 3;
const OF_ONE = 10;

/**
 * Measures how much time has passed by the samples of many streams: event time, for replays and backlogs, where the
 * wall clock means nothing. It never goes back.
 *
 * Time has advanced to what three samples in a row have reached, if they come from two or more streams, or ten of one
 * stream. A step counts as at most a quarter of `longest`, so that neither a false stamp nor a clock that jumps nor a
 * silence of all streams makes every stream idle. Old stamps hold it up; if all are old, it continues from those.
 */
export class EventTime {
  readonly #longest: number;
  #elapsed = 0;
  /** The current event time [ms since the epoch]; NaN before the first sample with a time. */
  #reached = Number.NaN;
  // The samples since then: how many, the key of the first, whether all have that key, and the lowest and highest
  // time.
  #count = 0;
  #key: unknown;
  #ofOne = true;
  #lowest = 0;
  #highest = 0;

  /** `longest`: the time after which the caller gives a stream up [ms]. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Time passed since the first sample [ms]. */
  get elapsed(): number {
    return this.#elapsed;
  }

  /** Notes a sample of the stream `key`; an undefined time is ignored. */
  take(key: unknown, time: number | undefined): void {
    if (time === undefined) return;
    if (this.#count === 0) {
      this.#key = key;
      this.#ofOne = true;
      this.#lowest = time;
      this.#highest = time;
    }
    this.#count++;
    this.#ofOne &&= key === this.#key;
    this.#lowest = Math.min(this.#lowest, time);
    this.#highest = Math.max(this.#highest, time);
    if (this.#count >= (this.#ofOne ? OF_ONE : OF_SEVERAL)) this.#advance();
  }

  #advance(): void {
    this.#count = 0;
    const by = this.#lowest - this.#reached;
    if (by > 0) this.#elapsed += Math.min(by, this.#longest / 4);
    const allLongAgo = this.#highest < this.#reached - this.#longest;
    if (by > 0 || allLongAgo || Number.isNaN(by)) this.#reached = this.#lowest;
  }
}
