import { misfit } from '../base/errors.ts';
import type { Clock } from './clock.ts';

interface Wait {
  readonly until: number;
  readonly wake: () => void;
}

/**
 * Time that passes only when it is advanced, so that hours of a loop take seconds: for tests and simulations.
 *
 * ```ts
 * const clock = new VirtualClock();
 * const observe = () => ({ at: clock.now(), values: [1] });
 * controlLoop({ ...options, observe, clock }).subscribe(({ seq }) => console.log(seq));
 * clock.run(60_000); // the cycles of a minute
 * ```
 */
export class VirtualClock implements Clock {
  #time: number;
  #waits: Wait[] = [];

  /** Throws `invalid-argument` for a time that is not finite; so do the methods. */
  constructor(time = 0) {
    this.#time = finite(time, 'the time');
  }

  now(): number {
    return this.#time;
  }

  wait(until: number, wake: () => void): () => void {
    if (typeof wake !== 'function') {
      throw misfit('a function', 'wake', wake);
    }
    const own = { until: finite(until, 'the time to wait for'), wake };
    this.#waits.push(own);
    return () => this.#remove(own);
  }

  /** Lets `ms` milliseconds pass with nothing else going on, as a computation does. */
  spend(ms: number): void {
    this.advance(this.#time + finite(ms, 'the ms to spend'));
  }

  /** Sets the time to this, unless it is later already. Nobody is woken. */
  advance(time: number): void {
    this.#time = Math.max(this.#time, finite(time, 'the time'));
  }

  /** Wakes, in order, all that wait for this moment or an earlier one. */
  wake(): void {
    for (const wait of this.#waits.filter(({ until }) => until <= this.#time).sort(byTime)) {
      if (this.#waits.includes(wait)) this.#wake(wait); // unless it was cancelled in the meantime
    }
  }

  /** Wakes, in order, all that wait for a time before `time`, each at its time; then it is `time`. */
  run(time: number): void {
    finite(time, 'the time');
    for (;;) {
      const first = this.#waits.toSorted(byTime)[0];
      if (first === undefined || first.until >= time) break;
      this.advance(first.until);
      this.#wake(first);
    }
    this.advance(time);
  }

  /** Whether anybody is waiting. */
  get waited(): boolean {
    return this.#waits.length > 0;
  }

  #wake(wait: Wait): void {
    this.#remove(wait);
    wait.wake();
  }

  #remove(wait: Wait): void {
    this.#waits = this.#waits.filter((each) => each !== wait);
  }
}

function byTime(a: Wait, b: Wait): number {
  return a.until - b.until;
}

function finite(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw misfit('a finite number', name, value);
}
