import { Observable } from 'rxjs';
import type { StreamMetrics } from '../../metrics/stream-metrics.ts';
import type { NativeCycle } from './native-cycle.ts';
import { type NativeLoopOptions, nativeLoopSettings } from './native-loop-options.ts';
import { NativeRun } from './native-run.ts';

/** A native loop, which runs while it is subscribed to. */
export interface NativeLoop extends Observable<NativeCycle> {
  /**
   * The metrics passed in, or a fresh set: counts and times of all cycles, whether their records are read in time or
   * not.
   */
  readonly metrics: StreamMetrics;
}

/**
 * Runs a controller at a fixed rate by the rules of `controlLoop`, on a thread of its own that never waits for
 * JavaScript: neither garbage collection nor a blocked event loop delays it. Observations and actions go through rings
 * in shared memory, from and to any thread. The cycles are read every 20 ms, in order. There is room for those of one
 * second; after that the newest overwrite the oldest, and `lost` says how many.
 *
 * ```text
 * thread      0-1-2-3-4-5-6-7-8-9-10-11-12-
 *             the event loop is blocked from 2 to 9
 * cycles      -0,1---------------2..9---10,11-
 * ```
 *
 * ```ts
 * const observations = new SharedRing({ width: 2 });
 * const actions = new SharedRing({ width: 1 });
 * const loop$ = nativeLoop({
 *   hz: 1000,
 *   controller: lqr({ gain: [[16, 8]] }),
 *   observations, // sensor: observations.push({ at: systemClock.now(), values: [x, v] })
 *   actions, // motor: actions.takeNewest()
 *   inputs: 2,
 *   limits: [{ min: -10, max: 10, maxRate: 200 }],
 *   fallback: 'hold',
 *   stop: [0],
 * });
 * loop$.subscribe(({ status, reason }) => reason && console.log(status, reason));
 * loop$.metrics.snapshots('1s').subscribe(({ times }) => console.log(times.jitter.p999, times.jitter.max));
 * ```
 *
 * Each subscription is a loop of its own. On unsubscription, when the process ends and when the worker that subscribed
 * is terminated, the thread ends first, with the `stop` action in the ring.
 *
 * Throws `invalid-argument` at once for wrong options. The stream fails with `busy` if another loop uses one of the
 * rings, and with `io` if the system gives no thread.
 */
export function nativeLoop(options: NativeLoopOptions): NativeLoop {
  const settings = nativeLoopSettings(options);
  const cycles = new Observable<NativeCycle>((subscriber) => {
    const run = new NativeRun(settings, subscriber);
    return () => run.leave();
  });
  return Object.assign(cycles, { metrics: settings.metrics });
}
