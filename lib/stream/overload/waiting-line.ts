import type { OverloadCounts } from './overload.ts';
import type { OverloadPolicy } from './overload-policy.ts';

interface Place<T> {
  value: T;
  behind: Place<T> | undefined;
}

/** The values of one subscription that wait for their turn under a policy, and their counts. */
export class WaitingLine<T> {
  readonly #policy: OverloadPolicy<T>;
  readonly #counts: OverloadCounts;
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #length = 0;

  constructor(policy: OverloadPolicy<T>, counts: OverloadCounts) {
    this.#policy = policy;
    this.#counts = counts;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a value, or does what the policy says if there is no place. */
  add(value: T): void {
    const { places, merge, lost } = this.#policy;
    if (this.#length < places) {
      const place = { value, behind: undefined };
      if (this.#last) this.#last.behind = place;
      else this.#first = place;
      this.#last = place;
      this.#setLength(this.#length + 1);
    } else {
      if (merge && this.#last) this.#last.value = merge(this.#last.value, value) as T;
      this.#counts[lost]++;
    }
  }

  /** Takes the first value of a line that is not empty. */
  next(): T {
    const { value, behind } = this.#first!;
    this.#first = behind;
    if (!behind) this.#last = undefined;
    this.#setLength(this.#length - 1);
    return value;
  }

  /** Drops all waiting values. */
  clear(): void {
    this.#counts.dropped += this.#length;
    this.#setLength(0);
    this.#first = undefined;
    this.#last = undefined;
  }

  #setLength(length: number): void {
    this.#counts.waiting += length - this.#length;
    this.#counts.mostWaiting = Math.max(this.#counts.mostWaiting, length);
    this.#length = length;
  }
}
