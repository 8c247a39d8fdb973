import { GatecastError } from '../errors.ts';

/** What a class hands to its constructor that only its own functions may call; JavaScript does not know what is private. */
export const MAKER = Symbol('maker');

/** Throws `invalid-argument` where somebody else has called the constructor. */
export function checkMaker(maker: unknown, name: string, instead: string): void {
  if (maker === MAKER) return;
  throw new GatecastError(
    'invalid-argument',
    `Expected ${instead} to make a ${name} but received a call of new ${name}.`,
  );
}
