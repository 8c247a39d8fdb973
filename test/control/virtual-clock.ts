import type { Clock } from '../../lib/control/clock.ts';

/** Time that passes only when told to: by `spend`, or from one wait to the next by `run`. */
export class VirtualClock implements Clock {
  #time: number;
  #waits: { until: number; wake: () => void }[] = [];

  constructor(time = 0) {
    this.#time = time;
  }

  now(): number {
    return this.#time;
  }

  wait(until: number, wake: () => void): () => void {
    const own = { until, wake };
    this.#waits.push(own);
    return () => (this.#waits = this.#waits.filter((each) => each !== own));
  }

  /** Lets time pass with nothing else going on, as a computation does. */
  spend(ms: number): void {
    this.#time += ms;
  }

  /** Wakes who waits, in order, for what is due before `time`; then it is that time. */
  run(time: number): void {
    for (;;) {
      const first = this.#waits.toSorted((a, b) => a.until - b.until)[0];
      if (first === undefined || first.until >= time) break;
      this.#waits = this.#waits.filter((each) => each !== first);
      this.#time = Math.max(this.#time, first.until);
      first.wake();
    }
    this.#time = Math.max(this.#time, time);
  }

  /** Whether anybody waits. */
  get waited(): boolean {
    return this.#waits.length > 0;
  }
}
