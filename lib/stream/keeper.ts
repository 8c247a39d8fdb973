import { asyncScheduler, type Subscription } from 'rxjs';
import { misfit } from '../base/errors.ts';
import { type Duration, milliseconds } from '../base/duration.ts';
import { type Check, number, object, whole } from '../base/schema.ts';
import type { Store } from '../stores/store.ts';

export interface KeepOptions {
  /** Where snapshots of the streams are kept: streams continue from them, and are written there while they run. */
  store?: Store;
  /**
   * How often snapshots are written: after this many samples (10,000 by default), and when a sample has waited this
   * long (5 s; at most 24 days). Always at the end.
   */
  flush?: { samples?: number; every?: Duration };
}

/**
 * What a store keeps for all its streams together: how many samples they have taken, and the source's own offset of the
 * newest.
 */
export interface KeptMeta {
  readonly samples: number;
  readonly offset: number | null;
}

/** Options that include a store. */
export type Kept = KeepOptions & { readonly store: Store };

const timer = number(0, 2 ** 31 - 1); // with a longer time, timers fire at once

const checkFlush = object<{ samples?: number; every?: number }>(
  { samples: whole(1, Number.MAX_SAFE_INTEGER), every: (value, name) => timer(milliseconds(value, name), name) },
  ['samples', 'every'],
);

const checkStore: Check<Store> = (value, name) => {
  if (typeof value === 'object' && value !== null && typeof (value as Store).flush === 'function')
    return value as Store;
  throw misfit('a store', name, value);
};

export const keepOptionChecks = { store: checkStore, flush: checkFlush as Check<never> };

/** Whether the options include a store. */
export function isKept<T extends KeepOptions>(options: T): options is T & Kept {
  return options.store !== undefined;
}

/** Writes snapshots of streams to their store when it is time. */
export class Keeper {
  readonly store: Store;
  readonly #most: number;
  readonly #every: number;
  readonly #put: () => void;
  #fail: ((error: unknown) => void) | undefined;
  #samples: number;
  #offset: number | null;
  #waiting = 0;
  #timer: Subscription | undefined;

  /** `put` puts the changed streams into the store. */
  constructor({ store, flush = {} }: Kept, put: () => void) {
    const { samples = 10_000, every = 5000 } = checkFlush(flush, 'options.flush');
    this.store = store;
    this.#most = samples;
    this.#every = every;
    this.#put = put;
    const before = store.meta as KeptMeta | undefined;
    this.#samples = before?.samples ?? 0;
    this.#offset = before?.offset ?? null;
  }

  /** From here on waiting changes are written in time; `fail` is called if a write between samples fails. */
  start(fail: (error: unknown) => void): void {
    this.#fail = fail;
    if (this.#waiting > 0) this.#setTimer(fail);
  }

  /** From here on, writes only when `flush` is called. */
  stop(): void {
    this.#timer?.unsubscribe();
    this.#fail = undefined;
  }

  /** Whether to flush before the next sample is taken; `pending` samples are not counted yet. */
  isDue(pending: number): boolean {
    return this.#waiting + pending >= this.#most;
  }

  /** Notes a sample that was taken, and its offset if it has one. */
  count(offset: number | undefined): void {
    this.#samples++;
    if (offset !== undefined) this.#offset = offset;
    this.change();
  }

  /** Notes a change, whether by a sample or not. */
  change(): void {
    if (this.#waiting++ === 0 && this.#fail) this.#setTimer(this.#fail);
  }

  /** Writes everything; every sample that was counted must have made its step. */
  flush(): void {
    this.#timer?.unsubscribe();
    if (this.#waiting === 0) return;
    this.#put();
    const meta: KeptMeta = { samples: this.#samples, offset: this.#offset };
    this.store.meta = { ...meta };
    this.store.flush();
    this.#waiting = 0;
  }

  #setTimer(fail: (error: unknown) => void): void {
    this.#timer = asyncScheduler.schedule(() => {
      try {
        this.flush();
      } catch (error) {
        fail(error);
      }
    }, this.#every);
  }
}

/** The source's own offset of a sample. */
export function offsetOf(sample: unknown): number | undefined {
  const offset = typeof sample === 'object' && sample !== null && 'offset' in sample ? sample.offset : undefined;
  return typeof offset === 'number' ? offset : undefined;
}
