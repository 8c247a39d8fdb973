import type { OverloadCounts } from './overload.ts';
import type { OverloadPolicy } from './overload-policy.ts';

interface Place<T> {
  value: T;
  behind: Place<T> | undefined;
}

/** The values of one subscription that wait for work, and the one that is worked on. */
export class WaitingLine<T> {
  readonly #policy: OverloadPolicy<T>;
  readonly #counts: OverloadCounts;
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #length = 0;
  #current: T | undefined;
  #busy = false;
  #begun = false;

  constructor(policy: OverloadPolicy<T>, counts: OverloadCounts) {
    this.#policy = policy;
    this.#counts = counts;
  }

  /** Takes in a value: as the next to be worked on when there is no work, else as the policy says. */
  add(value: T): void {
    const { places, merge, lost } = this.#policy;
    if (!this.#busy) {
      this.#current = value;
      this.#busy = true;
      this.#begun = false;
    } else if (this.#length < places) {
      this.#append(value);
    } else {
      if (merge && this.#last) this.#last.value = merge(this.#last.value, value);
      this.#counts[lost]++;
    }
  }

  /** Makes the next value the current one; false when none waits, and work has ended. */
  advance(): boolean {
    if (this.#begun) {
      const first = this.#first;
      this.#busy = first !== undefined;
      this.#current = first?.value;
      if (!first) return false;
      this.#first = first.behind;
      if (!this.#first) this.#last = undefined;
      this.#length--;
      this.#counts.waiting--;
    }
    this.#begun = true;
    this.#counts.taken++;
    return true;
  }

  /** What is worked on. */
  get current(): T {
    return this.#current as T;
  }

  /** Lets all that wait go. */
  clear(): void {
    this.#counts.dropped += this.#length;
    this.#counts.waiting -= this.#length;
    this.#length = 0;
    this.#first = undefined;
    this.#last = undefined;
    this.#current = undefined;
  }

  #append(value: T): void {
    const place = { value, behind: undefined };
    if (this.#last) this.#last.behind = place;
    else this.#first = place;
    this.#last = place;
    this.#length++;
    this.#counts.waiting++;
    this.#counts.mostWaiting = Math.max(this.#counts.mostWaiting, this.#length);
  }
}
