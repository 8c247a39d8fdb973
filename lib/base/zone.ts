import { misfit } from './errors.ts';

const DAY = 86_400_000;
/** Days that are remembered; at the limit, remembering starts again. */
const MOST_DAYS = 16_384;

/** A day, in UTC: the offsets before and after `change`, the moment of the day when the clocks are set, if any. */
interface Day {
  readonly before: number;
  readonly change: number;
  readonly after: number;
}

/** Making a zone takes as long as thousands of conversions. */
const zones = new Map<string, Zone>();

/**
 * A time zone by its IANA name, such as 'Europe/Berlin', with the changes of its clocks. Asking `Intl` takes
 * microseconds, so offsets are asked for once a day and remembered. A zone that set its clocks twice within 24 hours
 * would not be seen; none has.
 */
export class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #days = new Map<number, Day>();
  // The offset found last holds from `#from` to before `#to`.
  #from = 0;
  #to = 0;
  #offset = 0;

  /**
   * The zone of this name, the same with all that it remembers for everyone who asks. Throws `invalid-argument` for a
   * zone that this machine does not know.
   */
  static of(name: string, what = 'the zone'): Zone {
    const known = zones.get(name);
    if (known) return known;
    try {
      const zone = new Zone(name);
      zones.set(name, zone);
      return zone;
    } catch {
      throw misfit('a time zone such as Europe/Berlin', what, name);
    }
  }

  private constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    this.name = name;
    if (this.#format.resolvedOptions().timeZone === 'UTC') [this.#from, this.#to] = [-Infinity, Infinity];
  }

  /** Local time minus UTC [ms] at a time [ms since 1970, UTC] that `Date` knows, except on its first and last day. */
  offset(at: number): number {
    if (at < this.#from || at >= this.#to) this.#find(at);
    return this.#offset;
  }

  #find(at: number): void {
    const start = Math.floor(at / DAY) * DAY;
    let day = this.#days.get(start);
    if (day === undefined) {
      if (this.#days.size === MOST_DAYS) this.#days.clear();
      day = this.#dayFrom(start);
      this.#days.set(start, day);
    }
    const changed = at >= day.change;
    this.#from = changed ? day.change : start;
    this.#to = changed ? start + DAY : Math.min(day.change, start + DAY);
    this.#offset = changed ? day.after : day.before;
  }

  #dayFrom(start: number): Day {
    const [before, after] = [this.#ask(start), this.#ask(start + DAY)];
    if (before === after) return { before, change: Infinity, after };
    let [same, change] = [start, start + DAY];
    while (change - same > 1) {
      const middle = Math.floor((same + change) / 2);
      if (this.#ask(middle) === before) same = middle;
      else change = middle;
    }
    return { before, change, after };
  }

  #ask(at: number): number {
    const parts = this.#format.formatToParts(at);
    const text = parts.find(({ type }) => type === 'timeZoneName')!.value; // GMT, GMT+01:00 or GMT+00:53:28
    const [, sign, hours, minutes, seconds = '0'] = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
    if (sign === undefined) return 0;
    const size = 3_600_000 * Number(hours) + 60_000 * Number(minutes) + 1000 * Number(seconds);
    return sign === '-' ? -size : size;
  }
}

/** True for the name of a zone that this machine knows. */
export function isZone(name: string): boolean {
  try {
    return Zone.of(name) !== undefined;
  } catch {
    return false;
  }
}
