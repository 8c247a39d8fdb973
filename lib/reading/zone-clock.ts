import { Zone } from '../base/zone.ts';
import { DAY } from './calendar.ts';

/** The length of the local times that share the offsets around them. No zone changes twice within it. */
const WEEK = 7 * DAY;

/** Rows this far apart [ms] or farther show a repeated hour by a repeated time. */
const COARSE = 30 * 60_000;
/** Finer rows show it by a step back of at least this [ms]. */
const LATE = 15 * 60_000;

/**
 * Converts the local times of one IANA zone to UTC, in the order of the rows. An hour that the clock shows twice in
 * autumn is first summer time, and winter time once the clock has gone back. An hour that is left out in spring is read
 * as if the clock had not been moved: 02:30 is half an hour after the change, as in Temporal.
 */
export class ZoneClock {
  readonly #zone: Zone;
  readonly #descending: boolean;
  /** The offsets of the zone [ms] before and after a week; the same where nothing changes. */
  #week = Number.NaN;
  #before = 0;
  #after = 0;
  /** The last time [ms since 1970], and how far it was from the one before. */
  #last: number;
  #step = 0;
  #shifted = 0;

  /** `descending`: the newest row comes first. Throws `invalid-argument` for an unknown zone. */
  constructor(zone: string, { descending = false }: { descending?: boolean } = {}) {
    this.#zone = Zone.of(zone, 'zone');
    this.#descending = descending;
    this.#last = descending ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** How many local times were in an hour that the zone leaves out. */
  get shifted(): number {
    return this.#shifted;
  }

  /** The time [ms since 1970] of a local time [ms, as if it were UTC]. NaN for NaN. */
  toUtc(local: number): number {
    const week = Math.floor(local / WEEK);
    if (week !== this.#week) {
      if (!(Math.abs(local) < 8.64e15 - 2 * WEEK)) return Number.NaN;
      this.#before = this.#zone.offset(week * WEEK - DAY);
      this.#after = this.#zone.offset((week + 1) * WEEK + DAY);
      this.#week = week;
    }
    const utc = this.#convert(local);
    if (Number.isFinite(this.#last)) this.#step = Math.abs(utc - this.#last);
    this.#last = utc;
    return utc;
  }

  #convert(local: number): number {
    const early = local - this.#before;
    if (this.#before === this.#after) return early;
    const late = local - this.#after;
    const isLate = this.#zone.offset(late) === this.#after;
    if (this.#zone.offset(early) === this.#before) return isLate ? this.#twice(early, late) : early;
    if (isLate) return late;
    this.#shifted++;
    return early;
  }

  /**
   * Which of the two passes of a repeated hour this is: the one that goes on from the row before. A step back of less
   * than a quarter of an hour is a row that came late, and a repeated time of fine data is a duplicate.
   */
  #twice(first: number, second: number): number {
    const back = this.#descending ? second - this.#last : this.#last - first;
    const turned = back >= (this.#step >= COARSE ? 0 : LATE);
    return turned === this.#descending ? first : second;
  }
}
