import { setImmediate } from 'node:timers/promises';

/** Longest stretch of work between two turns of the event loop [ms]. */
const SLICE = 4;

/**
 * Returns a function to await now and then during long work. It lets the event loop turn once `SLICE` ms have passed.
 */
export function createBreath(): () => Promise<void> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < SLICE) return;
    await setImmediate();
    begun = performance.now();
  };
}
