import { misfit } from '../base/errors.ts';
import { whenSettled } from './late-failures.ts';

/**
 * Returns what a function of the caller returned. Throws `invalid-argument`, naming the function, if that is a promise:
 * nothing would wait for it. A rejection of it does not end the program.
 */
export function atOnce<T>(given: T, name: string): T {
  let isPromise = false;
  try {
    isPromise = whenSettled(given, () => undefined);
  } catch {} // a getter throws: reading the value later reports it
  if (isPromise) throw misfit('a value at once', name, given);
  return given;
}

/** Starts a policy. Throws `invalid-argument` if `start` does not return a function, and whatever `start` throws. */
export function started<Take>(policy: { start(): Take }): Take {
  const name = 'what start of a policy returns';
  const take = atOnce(policy.start(), name);
  if (typeof take === 'function') return take;
  throw misfit('a function', name, take);
}
