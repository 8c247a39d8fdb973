import { GatecastError } from '../base/errors.ts';

/** Samples after which a source is given up if none of them could be used. */
export const UNUSABLE_AFTER = 1000;

/** Most different reasons that are counted, so that no source can fill the memory. */
const MOST_REASONS = 100;

/** The part that two errors share if they differ only in the value received. */
export function reasonOf({ message }: GatecastError): string {
  const end = message.indexOf(' but ');
  return end < 0 ? message : message.slice(0, end);
}

/**
 * Watches a source whose invalid samples are left out. Without it, a source with no usable sample at all, because a
 * name is misspelt or a field is missing, would be silent for ever.
 */
export class SourceCheck {
  #trusted = false;
  #unusable = 0;
  readonly #reasons = new Map<string, { count: number; message: string }>();

  /** Takes note of a usable sample: an invalid one after it is the fault of a sensor. */
  usable(): void {
    if (this.#trusted) return;
    this.#trusted = true;
    this.#reasons.clear();
  }

  /**
   * Takes note of an invalid sample. Throws `unusable-source` after the `UNUSABLE_AFTER`-th, and counts from 0 again.
   */
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
