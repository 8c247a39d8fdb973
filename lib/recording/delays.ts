import { milliseconds } from '../base/duration.ts';
import { type Check, number } from '../base/schema.ts';

const delay = number(0, 3_600_000);
/** A delay of up to an hour, in ms. Throws `invalid-argument` for anything else. */
export const checkDelay: Check<number> = (value, name) => delay(milliseconds(value, name), name);

/** Something on its way: when it arrives [ms], and how much later that is than it would have. */
export interface Delayed<T> {
  readonly item: T;
  readonly arrival: number;
  readonly delay: number;
}

/**
 * Delays what arrives, each by a time of its own from `latency` - `jitter` to `latency` + `jitter`, never below 0 [ms].
 */
export class Delays<T> {
  readonly #latency: number;
  readonly #jitter: number;
  readonly #random: () => number;
  /** In the order of their arrival. */
  readonly #waiting: Delayed<T>[] = [];

  constructor(latency: number, jitter: number, random: () => number) {
    this.#latency = latency;
    this.#jitter = jitter;
    this.#random = random;
  }

  /** Of what would arrive at `time`, which does not fall from call to call; by `more` later than the others. */
  push(item: T, time: number, more = 0): void {
    const delay = Math.max(0, this.#latency + this.#jitter * (2 * this.#random() - 1)) + more;
    const arrival = time + delay;
    let place = this.#waiting.length;
    while (place > 0 && this.#waiting[place - 1]!.arrival > arrival) place--;
    this.#waiting.splice(place, 0, { item, arrival, delay });
  }

  /** Takes out, in order, what arrives before anything that would arrive at `time` or later can. */
  *due(time: number): Generator<Delayed<T>> {
    yield* this.arrived(time + Math.max(0, this.#latency - this.#jitter));
  }

  /** Takes out, in order, what has arrived by `time`. */
  *arrived(time: number): Generator<Delayed<T>> {
    while (this.#waiting.length > 0 && this.#waiting[0]!.arrival <= time) yield this.#waiting.shift()!;
  }
}
