import { setImmediate } from 'node:timers/promises';

/** Longest stretch of work between two turns of the event loop [ms]. */
const SLICE = 4;

/** A function to await every now and then in long work: it lets the event loop turn when that is due. */
export function createBreath(): () => Promise<void> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < SLICE) return;
    await setImmediate();
    begun = performance.now();
  };
}
