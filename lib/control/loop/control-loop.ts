import { Observable } from 'rxjs';
import type { ControlCycle } from '../control-cycle.ts';
import { ControlRun } from './control-run.ts';
import { type ControlLoopOptions, loopSettings } from './loop-options.ts';

/**
 * Runs a controller at a fixed rate for as long as it is subscribed to. Each cycle takes the newest observation, lets
 * `decide` answer before the deadline, puts the answer inside the limits, hands it to `act`, and is emitted.
 *
 * Cycle n is due n periods after the first, however late others were. A cycle that is not run in its period is missed:
 * counted in the next one and never caught up. If the observation or the answer cannot be used, the action is that of
 * `fallback`, and `reason` says why. Each subscription is a loop of its own.
 *
 * ```text
 * due       0----1----2----3----4----5----
 *           blocked from 1.5 to 3.2
 * cycles    0----1-----------3--4----5----     3: missed 1 (2), and late itself
 * ```
 *
 * ```ts
 * const loop$ = controlLoop({
 *   hz: 100,
 *   observe: measured$, // { at, values }
 *   inputs: [{ min: -5, max: 5 }],
 *   decide: ({ values }) => [-2 * values[0]!],
 *   act: ([force]) => motor.set(force!),
 *   limits: [{ min: -1, max: 1, maxRate: 20 }],
 *   fallback: [0],
 * });
 * loop$.subscribe(({ status, reason }) => reason && console.log(status, reason));
 * ```
 *
 * Throws `invalid-argument` at once for wrong options. The loop ends when `observe` completes or fails, when `start`
 * throws, and when the clock fails. Then, and on unsubscription, `stop` is sent first.
 */
export function controlLoop(options: ControlLoopOptions): Observable<ControlCycle> {
  const settings = loopSettings(options);
  return new Observable((subscriber) => {
    const run = new ControlRun(settings, subscriber);
    run.begin();
    return () => run.leave();
  });
}
