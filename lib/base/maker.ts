import { GatecastError } from './errors.ts';

/**
 * A class passes this to its constructor, which only its own functions may call: JavaScript has no private
 * constructors.
 */
export const MAKER = Symbol('maker');

/** Throws `invalid-argument` if other code has called the constructor. */
export function checkMaker(maker: unknown, name: string, instead: string): void {
  if (maker === MAKER) return;
  throw new GatecastError(
    'invalid-argument',
    `Expected ${instead} to make a ${name} but received a call of new ${name}.`,
  );
}
