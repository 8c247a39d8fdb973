import { printable } from '../base/errors.ts';

/** Prints a sentence for the user on stderr. */
export function say(sentence: string): void {
  process.stderr.write(`gatecast: ${printable(sentence)}\n`);
}
