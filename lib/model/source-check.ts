import { GatecastError } from '../errors.ts';

/** Samples after which a source is given up of which not one could be used. */
export const UNUSABLE_AFTER = 1000;

/** Different reasons that are told apart; a source cannot make this grow. */
const MOST_REASONS = 100;

/** What two errors have in common that differ only in the value that was received. */
export function reasonOf({ message }: GatecastError): string {
  const end = message.indexOf(' but ');
  return end < 0 ? message : message.slice(0, end);
}

/**
 * Watches over a source whose invalid samples are left out: one of which none at all can be used, for a name is misspelt or
 * a field is missing, would be silent for ever.
 */
export class SourceCheck {
  #trusted = false;
  #unusable = 0;
  readonly #reasons = new Map<string, { count: number; message: string }>();

  /** A sample could be used: what may come after it is a fault of a sensor. */
  usable(): void {
    if (this.#trusted) return;
    this.#trusted = true;
    this.#reasons.clear();
  }

  /** One could not. Throws `unusable-source` after the `UNUSABLE_AFTER`-th, and counts from there again. */
  unusable(error: GatecastError): void {
    if (this.#trusted) return;
    const reason = reasonOf(error);
    const known = this.#reasons.get(reason);
    if (known) known.count++;
    else if (this.#reasons.size < MOST_REASONS) this.#reasons.set(reason, { count: 1, message: error.message });
    if (++this.#unusable < UNUSABLE_AFTER) return;
    const most = [...this.#reasons.values()].reduce((a, b) => (b.count > a.count ? b : a));
    this.#reasons.clear();
    this.#unusable = 0;
    const what = `Expected one usable sample among the first ${UNUSABLE_AFTER} but received none, mostly because:`;
    throw new GatecastError('unusable-source', `${what} ${most.message}`);
  }
}
