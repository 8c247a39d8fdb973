import { misfit } from '../base/errors.ts';
import { whenSettled } from './late-failures.ts';

/**
 * The value that a function of the caller's returned. Throws `invalid-argument`, naming the function, for a promise:
 * nothing would wait for it. Its rejection does not end the program.
 */
export function atOnce<T>(given: T, name: string): T {
  let isPromise = false;
  try {
    isPromise = whenSettled(given, () => undefined);
  } catch {} // a getter throws at whoever looks: whoever reads the value says so
  if (isPromise) throw misfit('a value at once', name, given);
  return given;
}

/** Starts a policy. Throws `invalid-argument` where that gives no function, besides what `start` throws. */
export function started<Take>(policy: { start(): Take }): Take {
  const name = 'what start of a policy gives';
  const take = atOnce(policy.start(), name);
  if (typeof take === 'function') return take;
  throw misfit('a function', name, take);
}
