import { GatecastError } from './errors.ts';

/**
 * Passed by a class to its own constructor, since JavaScript has no private constructors: other code does not have it.
 */
export const MAKER = Symbol('maker');

/** Throws `invalid-argument` if code outside the class has called its constructor. */
export function checkMaker(maker: unknown, name: string, instead: string): void {
  if (maker === MAKER) return;
  throw new GatecastError(
    'invalid-argument',
    `Expected ${instead} to make a ${name} but received a call to new ${name}.`,
  );
}
