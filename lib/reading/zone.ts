import { misfit } from '../base/errors.ts';
import { DAY } from './calendar.ts';

/** How long the local times are that share one entry of the cache. No zone changes twice within it. */
const WEEK = 7 * DAY;

/** Rows this far apart [ms] or farther show a repeated hour by a repeated time. */
const COARSE = 30 * 60_000;
/** Finer rows show it by a step back of at least this [ms]. */
const LATE = 15 * 60_000;

/** The offsets of the zone [ms] before and from `at` [ms since 1970]; the same where nothing changes. */
interface Change {
  before: number;
  after: number;
  at: number;
}

/**
 * Converts the local times of one IANA zone to UTC, in the order of the rows. An hour that the clock shows twice in
 * autumn is first summer time, and winter time once the clock has gone back. An hour that is left out in spring is read
 * as if the clock had not been moved: 02:30 is half an hour after the change, as in Temporal.
 */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #descending: boolean;
  readonly #changes = new Map<number, Change>();
  #week = Number.NaN;
  #change: Change = { before: 0, after: 0, at: 0 };
  /** The last time [ms since 1970], and how far it was from the one before. */
  #last: number;
  #step = 0;
  #shifted = 0;

  /** `descending`: the newest row comes first. Throws `invalid-argument` for an unknown zone. */
  constructor(zone: string, { descending = false }: { descending?: boolean } = {}) {
    this.#format = formatOf(zone);
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
      this.#change = this.#changeOf(week);
      this.#week = week;
    }
    const utc = this.#convert(local, this.#change);
    if (Number.isFinite(this.#last)) this.#step = Math.abs(utc - this.#last);
    this.#last = utc;
    return utc;
  }

  #convert(local: number, { before, after, at }: Change): number {
    const early = local - before;
    const late = local - after;
    if (before === after) return early;
    if (early < at) return late >= at ? this.#twice(early, late) : early;
    if (late >= at) return late;
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

  #changeOf(week: number): Change {
    const known = this.#changes.get(week);
    if (known) return known;
    let low = week * WEEK - DAY;
    let high = (week + 1) * WEEK + DAY;
    const [before, after] = [this.#offset(low), this.#offset(high)];
    const accuracy = before === after ? Number.POSITIVE_INFINITY : 1000; // [ms]
    while (high - low > accuracy) {
      const middle = Math.floor((low + high) / 2000) * 1000;
      if (this.#offset(middle) === before) low = middle;
      else high = middle;
    }
    const change = { before, after, at: high };
    this.#changes.set(week, change);
    return change;
  }

  /** The offset of the zone at a time [ms]. */
  #offset(at: number): number {
    const name = this.#format.format(at);
    const match = /GMT([-+\u2212])(\d+)(?::(\d+))?(?::(\d+))?/.exec(name);
    if (!match) return 0;
    const [, sign, hours, minutes = 0, seconds = 0] = match;
    const offset = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    return sign === '+' ? offset : -offset;
  }
}

/** True for the names of IANA zones. */
export function isZone(name: string): boolean {
  try {
    return zoneFormats.has(name) || formatOf(name) !== undefined;
  } catch {
    return false;
  }
}

/** Making a format takes as long as thousands of conversions. */
const zoneFormats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = zoneFormats.get(zone);
  if (known) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    zoneFormats.set(zone, format);
    return format;
  } catch {
    throw misfit('a time zone such as Europe/Berlin', 'zone', zone);
  }
}
