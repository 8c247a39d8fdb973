import { milliseconds } from '../base/duration.ts';
import { type Check, number } from '../base/schema.ts';

const delay = number(0, 3_600_000);
/** A delay of up to one hour, in ms. Throws `invalid-argument` for anything else. */
export const checkDelay: Check<number> = (value, name) => delay(milliseconds(value, name), name);

/** An item under way: when it arrives [ms], and by how much it was delayed [ms]. */
export interface Delayed<T> {
  readonly item: T;
  readonly arrival: number;
  readonly delay: number;
}

/** Delays each item by a random time from `latency` - `jitter` to `latency` + `jitter` [ms], never below 0. */
export class Delays<T> {
  readonly #latency: number;
  readonly #jitter: number;
  readonly #random: () => number;
  /** In order of arrival. */
  readonly #waiting: Delayed<T>[] = [];

  constructor(latency: number, jitter: number, random: () => number) {
    this.#latency = latency;
    this.#jitter = jitter;
    this.#random = random;
  }

  /**
   * Adds an item that would arrive at `time` without a delay; `time` must not fall from call to call. `more` is a
   * further delay [ms] for this item only.
   */
  push(item: T, time: number, more = 0): void {
    const delay = Math.max(0, this.#latency + this.#jitter * (2 * this.#random() - 1)) + more;
    const arrival = time + delay;
    let place = this.#waiting.length;
    while (place > 0 && this.#waiting[place - 1]!.arrival > arrival) place--;
    this.#waiting.splice(place, 0, { item, arrival, delay });
  }

  /** Takes out, in order, the items that arrive before any item pushed at `time` or later can. */
  *due(time: number): Generator<Delayed<T>> {
    yield* this.arrived(time + Math.max(0, this.#latency - this.#jitter));
  }

  /** Takes out, in order, the items that have arrived by `time`. */
  *arrived(time: number): Generator<Delayed<T>> {
    while (this.#waiting.length > 0 && this.#waiting[0]!.arrival <= time) yield this.#waiting.shift()!;
  }
}
