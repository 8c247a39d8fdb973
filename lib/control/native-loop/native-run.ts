import type { Subscriber } from 'rxjs';
import { AttachedLoop } from '../../network/attached-loop.ts';
import type { NativeRules } from '../../network/native.ts';
import { Histogram } from '../../metrics/histogram.ts';
import { CycleReader, type NativeCycle, RECORD_WIDTH } from './native-cycle.ts';
import type { NativeLoopSettings } from './native-loop-options.ts';
import { SharedRing } from './shared-ring.ts';

/** Time between two readings of the loop's records [ms]. */
const DRAIN = 20;
/** Room for records: those of one second, within a least number and a largest size in bytes. */
const LEAST_RECORDS = 64;
const MOST_BYTES = 2 ** 24;

// In the layout of Tally in native/core/control/tally.h.
const COUNTERS = ['cycles', 'misses:skipped', 'misses:late', 'fallbacks'] as const;
const TIMES = ['period', 'jitter', 'age', 'compute'] as const;

/** The running loops of this thread: their stop actions must be out before the process ends. */
const running = new Set<NativeRun>();
const leaveAll = () => running.forEach((run) => run.leave());

/** One subscription of a native loop. */
export class NativeRun {
  readonly #subscriber: Subscriber<NativeCycle>;
  readonly #loop: AttachedLoop;
  readonly #records: SharedRing;
  readonly #reader: CycleReader;
  readonly #tally = new Float64Array(COUNTERS.length + TIMES.length * Histogram.size);
  readonly #addTally: () => void;
  readonly #timer: NodeJS.Timeout;

  /** Starts the loop. Throws as `AttachedLoop` does. */
  constructor(settings: NativeLoopSettings, subscriber: Subscriber<NativeCycle>) {
    const { period, observations, actions, controller, affinity, priority, metrics } = settings;
    this.#subscriber = subscriber;
    this.#reader = new CycleReader([
      `The system refused core ${affinity}: the loop runs on any core.`,
      `The system refused priority ${priority}: the loop runs at the ordinary priority.`,
    ]);
    const width = RECORD_WIDTH + actions.width;
    const most = Math.min(1000 / period, MOST_BYTES / (8 * (1 + width)));
    this.#records = new SharedRing({ width, capacity: Math.max(LEAST_RECORDS, Math.ceil(most)) });
    const counters = COUNTERS.map((name) => metrics.counter(name));
    const times = TIMES.map((name, i) => {
      const first = COUNTERS.length + i * Histogram.size;
      const recent = new Histogram(this.#tally.subarray(first, first + Histogram.size));
      return { all: metrics.time(name), recent };
    });
    this.#addTally = () => {
      counters.forEach((counter, i) => counter.add(this.#tally[i]));
      for (const { all, recent } of times) all.merge(recent);
    };
    this.#loop = new AttachedLoop(
      controller,
      nativeRules(settings),
      { observations: observations.buffer, actions: actions.buffer, records: this.#records.buffer },
      { core: affinity ?? -1, priority: priority ?? 0 },
    );
    this.#timer = setInterval(() => this.#drain(), DRAIN);
    if (running.size === 0) process.once('exit', leaveAll);
    running.add(this);
  }

  /** Stops the loop: when this returns, its stop action is in the ring. */
  leave(): void {
    if (!running.delete(this)) return;
    if (running.size === 0) process.off('exit', leaveAll);
    clearInterval(this.#timer);
    this.#loop.stop();
    for (let set = 0; set < 2; set++) this.#count();
    this.#loop.dispose();
  }

  #drain(): void {
    this.#count();
    // At most as many as there is room for: a fast loop must not hold up the event loop.
    for (let left = this.#records.capacity; left > 0 && !this.#subscriber.closed; left--) {
      const record = this.#records.take();
      if (record === undefined) break;
      this.#subscriber.next(this.#reader.read(record.at, record.values));
    }
  }

  #count(): void {
    if (this.#loop.takeTally(this.#tally)) this.#addTally();
  }
}

function nativeRules(settings: NativeLoopSettings): NativeRules {
  const { period, deadline, maxAge, delay, degradeAfter, recoverAfter, ranges, limits } = settings;
  const { fallback, start, stop } = settings;
  const seconds = [period, deadline, maxAge, delay].map((ms) => ms / 1000);
  return {
    numbers: Float64Array.of(...seconds, degradeAfter, recoverAfter),
    inputs: Float64Array.from(ranges.flatMap(({ min, max }) => [min, max])),
    limits: Float64Array.from(limits.flatMap(({ min, max, maxRate = -1 }) => [min, max, maxRate])),
    fallback,
    start,
    stop,
  };
}
