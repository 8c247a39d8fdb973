import { GatecastError } from '../base/errors.ts';

/** Number of samples after which a source is given up if none of them was usable. */
export const UNUSABLE_AFTER = 1000;

/** Number of samples after which a warning says so. */
const WARNED_AFTER = 10;

/** Most reasons that are counted, so that no source can fill the memory. */
const MOST_REASONS = 100;

/** The part of the message that errors share if they differ only in the value received. */
export function reasonOf({ message }: GatecastError): string {
  const end = message.indexOf(' but ');
  return end < 0 ? message : message.slice(0, end);
}

/**
 * Watches a source whose invalid samples are skipped. Without it, a source without any usable sample, because a name is
 * misspelt or a field is missing, would be silent for ever.
 */
export class SourceCheck {
  #trusted = false;
  #unusable = 0;
  readonly #reasons = new Map<string, { count: number; message: string }>();

  /** Notes a usable sample. Any invalid sample after it is the fault of a sensor. */
  usable(): void {
    if (this.#trusted) return;
    this.#trusted = true;
    this.#reasons.clear();
  }

  /**
   * Notes an invalid sample. The `UNUSABLE_AFTER`-th throws `unusable-source`, and counting starts again from 0. With
   * `warns`, the tenth is a warning of the process.
   */
  unusable(error: GatecastError, warns = false): void {
    if (this.#trusted) return;
    const reason = reasonOf(error);
    const known = this.#reasons.get(reason);
    if (known) known.count++;
    else if (this.#reasons.size < MOST_REASONS) this.#reasons.set(reason, { count: 1, message: error.message });
    if (++this.#unusable === WARNED_AFTER && warns) {
      process.emitWarning(this.#noneUsable(), { type: 'GatecastWarning', code: 'unusable-source' });
    }
    if (this.#unusable < UNUSABLE_AFTER) return;
    const message = this.#noneUsable();
    this.#reasons.clear();
    this.#unusable = 0;
    throw new GatecastError('unusable-source', message);
  }

  #noneUsable(): string {
    const most = [...this.#reasons.values()].reduce((a, b) => (b.count > a.count ? b : a));
    const what = `Expected one usable sample among the first ${this.#unusable} but received none, mostly because:`;
    return `${what} ${most.message}`;
  }
}
