import { misfit } from '../base/errors.ts';

/** The clock of a control loop. One other than `systemClock` makes a loop run in virtual time. */
export interface Clock {
  /** The present time [ms since the epoch]; it never goes back. */
  now(): number;
  /** Calls `wake` once, not before `until` [ms] and not within this call. Returns a function that cancels it. */
  wait(until: number, wake: () => void): () => void;
}

/** How late timers of Node may be [ms]; from this long before the time, polling takes over. */
const TIMER_SLACK = 2;
/** From this long before the time [ms] it polls without yielding, because one turn of the event loop takes as long. */
const SPIN = 0.02;
/** The longest that a timer can wait [ms]. */
const LONGEST = 2 ** 31 - 1;

/**
 * The machine's steady clock, which does not move when the time of day is set: [ms since the epoch], as it was when the
 * process began.
 *
 * `wait` sleeps by a timer and then polls at each turn of the event loop, so that I/O goes on: for the last 2 ms before
 * each time it keeps a core busy.
 *
 * ```ts
 * sensor.on('data', (values) => observations.next({ at: systemClock.now(), values }));
 * ```
 *
 * Throws `invalid-argument` unless it is given a time and a function.
 */
export const systemClock: Clock = {
  now,
  wait(until, wake) {
    if (typeof until !== 'number' || Number.isNaN(until)) {
      throw misfit('a number', 'the time to wait for', until);
    }
    if (typeof wake !== 'function') {
      throw misfit('a function', 'wake', wake);
    }
    let timer: NodeJS.Timeout | undefined;
    let turn: NodeJS.Immediate | undefined;
    const sleep = () => {
      const left = until - now();
      if (left > TIMER_SLACK) timer = setTimeout(look, Math.min(left - TIMER_SLACK, LONGEST));
      else turn = setImmediate(look);
    };
    const look = () => {
      if (until - now() > SPIN) return sleep();
      while (now() < until);
      wake();
    };
    sleep();
    return () => {
      clearTimeout(timer);
      clearImmediate(turn);
    };
  },
};

function now(): number {
  return performance.timeOrigin + performance.now();
}
