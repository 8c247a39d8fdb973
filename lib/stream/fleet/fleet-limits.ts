import { asapScheduler } from 'rxjs';
import { type Duration, milliseconds } from '../../base/duration.ts';
import { type Check, object, whole } from '../../base/schema.ts';
import { EventTime } from './event-time.ts';

/** How many streams are kept in memory, and for how long. */
export interface FleetLimits {
  /** How many streams are kept at once, 100,000 by default. Beyond that the least recently used is dropped. */
  maxStreams?: number;
  /**
   * Time without a sample after which a stream is dropped; never by default. A plain duration is by the wall clock. `{
   * event }` is by the times of the samples: a stream is dropped when those of the others have advanced by so much (see
   * `EventTime`).
   */
  ttl?: Duration | { event: Duration };
}

type Ttl = number | { event: number };

const checkEventTtl = object<{ event: number }>({ event: milliseconds }, []);
const checkTtl: Check<Ttl> = (value, name) =>
  typeof value === 'object' && value !== null ? checkEventTtl(value, name) : milliseconds(value, name);

export const fleetLimitChecks = { maxStreams: whole(1, 2 ** 24), ttl: checkTtl };

/** Options with limits, once they are checked. */
export type Checked<T extends FleetLimits> = Omit<T, 'ttl'> & { ttl?: Ttl };

/** `maxStreams` when it is left out. */
export const MOST_STREAMS = 100_000;

/** The clock by which streams are idle. */
export class FleetClock {
  /** [ms] */
  readonly ttl: number;
  /** Where the times of the samples decide; else the wall clock does. */
  readonly eventTime: EventTime | undefined;

  constructor(ttl: Ttl = Number.POSITIVE_INFINITY) {
    this.ttl = typeof ttl === 'number' ? ttl : ttl.event;
    if (typeof ttl !== 'number') this.eventTime = new EventTime(ttl.event);
  }

  /** [ms] */
  get now(): number {
    return this.eventTime?.elapsed ?? asapScheduler.now();
  }
}
