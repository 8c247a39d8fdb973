import { defer, finalize, interval, map, type Observable } from 'rxjs';
import { describe, misfit, nearest } from '../base/errors.ts';
import { type Duration, milliseconds } from '../base/duration.ts';
import { list, number, object, text } from '../base/schema.ts';
import { isA } from '../base/values.ts';
import { Histogram } from './histogram.ts';

/** What the operators of this package count. Where there are reasons, the reason follows a colon. */
const COUNTERS = [
  'samples',
  'forecasts',
  'skipped:invalid',
  'skipped:late',
  'skipped:duplicate',
  'skipped:unbelieved',
  'corrections',
  'missing',
  'resets',
  'evictions',
  'restores',
  'alerts',
  'cycles',
  'misses:skipped',
  'misses:late',
  'fallbacks',
] as const;

/** What the operators of this package time. */
const TIMES = ['step', 'period', 'jitter', 'age', 'compute'] as const;

export interface MetricsOptions {
  /** Names of further counters, beside those of this package. */
  counters?: readonly string[];
  /** Names of further times, beside those of this package. */
  times?: readonly string[];
}

/** What was counted since the start, and the times since the previous snapshot. */
export interface MetricsSnapshot {
  readonly counters: Readonly<Record<(typeof COUNTERS)[number], number> & Record<string, number>>;
  readonly times: Readonly<Record<(typeof TIMES)[number], TimesSummary> & Record<string, TimesSummary>>;
}

/** Times in ns; all but `count` and `max` are NaN if there were none. Quantiles are at most 1/64 too high. */
export interface TimesSummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  /** Exact. */
  readonly max: number;
}

const names = list(text(64), 0, 1000);
const checkOptions = object<MetricsOptions>({ counters: names, times: names }, ['counters', 'times']);
const checkPeriod = number(1, 2 ** 31 - 1); // the longest that a timer can wait

/** A count that only grows. */
export class Counter {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  /** Throws `invalid-argument` unless `by` is a number >= 0: any other would spoil the count for good. */
  add(by = 1): void {
    if (typeof by !== 'number' || !(by >= 0 && by < Number.POSITIVE_INFINITY)) {
      throw misfit('a number >= 0', 'what to add to a counter', by);
    }
    this.#value += by;
  }
}

/**
 * Counts and times of streams. The names are fixed when it is made, so counting is one addition and timing is one
 * addition to a bucket; all other work is done when somebody reads. Several streams may share one.
 *
 * ```ts
 * const metrics = new StreamMetrics();
 * readings$.pipe(measure(metrics, forecast(model, { metrics }))).subscribe();
 * metrics.snapshots('10s').subscribe(({ counters, times }) => console.log(counters.samples, times.step.p99));
 * ```
 *
 * Throws `invalid-argument` for a wrong option.
 */
export class StreamMetrics {
  readonly #counters: ReadonlyMap<string, Counter>;
  /** Times not yet handed to any reader. */
  readonly #recent: ReadonlyMap<string, Histogram>;
  readonly #readers = new Set<ReadonlyMap<string, Histogram>>();

  constructor(options: MetricsOptions = {}) {
    const { counters = [], times = [] } = checkOptions(options, 'options');
    this.#counters = new Map([...COUNTERS, ...counters].map((name) => [name, new Counter()]));
    this.#recent = histograms([...TIMES, ...times]);
  }

  /** The counter of this name, for its user to keep. Throws `invalid-argument` for a name that is not registered. */
  counter(name: string): Counter {
    return known(this.#counters, name, 'a registered counter');
  }

  /** The recorder of times [ns] of this name, for its user to keep. Throws `invalid-argument` as `counter` does. */
  time(name: string): Pick<Histogram, 'record' | 'merge'> {
    return known(this.#recent, name, 'a registered time');
  }

  /**
   * Emits a snapshot every `every`, 1 ms to 24 days, until unsubscribed. Each subscription reads for itself: what one
   * has read is not missing for another. Throws `invalid-argument` for another period.
   */
  snapshots(every: Duration): Observable<MetricsSnapshot> {
    const period = checkPeriod(milliseconds(every, 'every'), 'every');
    return defer(() => {
      const reader = this.reader();
      return interval(period).pipe(
        map(() => reader.read()),
        finalize(() => reader.close()),
      );
    });
  }

  /** Reads on demand: the times since the previous `read`, or since the reader was made. Close it when done. */
  reader(): { read(): MetricsSnapshot; close(): void } {
    this.#distribute(); // times before this reader was made do not belong to it
    const own = histograms(this.#recent.keys());
    this.#readers.add(own);
    return { read: () => this.#read(own), close: () => void this.#readers.delete(own) };
  }

  #read(own: ReadonlyMap<string, Histogram>): MetricsSnapshot {
    this.#distribute();
    const times = [...own].map(([name, histogram]) => [name, summary(histogram)]);
    for (const histogram of own.values()) histogram.reset();
    const counters = [...this.#counters].map(([name, counter]) => [name, counter.value]);
    return { counters: Object.fromEntries(counters), times: Object.fromEntries(times) };
  }

  /** Hands the recent times to all readers. */
  #distribute(): void {
    for (const [name, recent] of this.#recent) {
      for (const reader of this.#readers) reader.get(name)!.merge(recent);
      recent.reset();
    }
  }
}

function histograms(names: Iterable<string>): ReadonlyMap<string, Histogram> {
  return new Map([...names].map((name) => [name, new Histogram()]));
}

function summary(histogram: Histogram): TimesSummary {
  const [p50, p90, p99, p999] = [0.5, 0.9, 0.99, 0.999].map((q) => histogram.quantile(q)) as [
    number,
    number,
    number,
    number,
  ];
  return { count: histogram.count, mean: histogram.mean, p50, p90, p99, p999, max: histogram.max };
}

function known<T>(registered: ReadonlyMap<string, T>, name: string, what: string): T {
  const found = registered.get(name);
  if (found !== undefined) return found;
  const guess = typeof name === 'string' ? nearest(name, registered.keys()) : undefined;
  const hint = guess === undefined ? '' : ` Did you mean ${describe(guess)}?`;
  throw misfit(what, 'the name', name, hint);
}

/** A check of options: `value` if it is a StreamMetrics. */
export function checkMetrics(value: unknown, name: string): StreamMetrics {
  if (isA(value, StreamMetrics)) return value;
  throw misfit('StreamMetrics', name, value);
}
