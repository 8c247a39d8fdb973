import type { GatecastError } from '../../base/errors.ts';
import type { Skipped } from '../../model/skipped.ts';
import { reasonOf } from '../../model/source-check.ts';
import { say } from '../say.ts';

/** Why a sample was left out: one of the reasons that streams count. */
export type Kind = keyof Skipped;

/** The reasons in the order of the summary. */
export const KINDS: readonly Kind[] = ['invalid', 'duplicate', 'late', 'unbelieved'];

/** How many different sentences are printed at most, whatever the input is. */
const MOST_SAID = 10;

/** Reports lines that are left out: each reason once, when it first occurs, and at the end a count by reason. */
export class LeftOut {
  readonly #said = new Set<string>();
  readonly #counts = new Map<Kind, number>();

  /** Counts a line; prints its reason the first time. */
  count(kind: Kind, line: number, error: GatecastError): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.say(
      `${kind} ${reasonOf(error)}`,
      `line ${line} is skipped: ${error.message} Others like it are only counted.`,
    );
  }

  /** Prints a sentence once for each `reason`. */
  say(reason: string, sentence: string): void {
    if (this.#said.has(reason) || this.#said.size === MOST_SAID) return;
    this.#said.add(reason);
    say(sentence);
  }

  get summary(): string {
    return summaryOf(Object.fromEntries(this.#counts));
  }
}

/** '3 invalid, 1 late'; '' if nothing was left out. */
export function summaryOf(counts: Partial<Skipped>): string {
  return KINDS.flatMap((kind) => (counts[kind] ? [`${counts[kind]} ${kind}`] : [])).join(', ');
}
