import { misfit } from '../base/errors.ts';

/** What a control loop goes by. Another one than `systemClock` makes a loop run in virtual time. */
export interface Clock {
  /** The time [ms since the epoch]; it never goes back. */
  now(): number;
  /** Calls `wake` once, not before `until` [ms] and not within this call; what it returns calls it off. */
  wait(until: number, wake: () => void): () => void;
}

/** Timers of Node are late by up to about this [ms]; so long before the time, looking at the clock takes over. */
const TIMER_SLACK = 2;
/** So long before the time [ms] the event loop is let go no more: one turn of it takes as long. */
const SPIN = 0.02;
/** Longer than this [ms] no timer can wait. */
const LONGEST = 2 ** 31 - 1;

/**
 * The machine's steady clock, which a change of the time of day does not move: [ms since the epoch] as it was when the
 * process began.
 *
 * `wait` sleeps by a timer and then looks at each turn of the event loop, so that I/O goes on: for the last 2 ms
 * before each time it keeps a core busy.
 *
 * ```ts
 * sensor.on('data', (values) => observations.next({ at: systemClock.now(), values }));
 * ```
 *
 * Throws `invalid-argument` for what is no time or no function.
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
