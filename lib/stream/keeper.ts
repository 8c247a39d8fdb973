import { asyncScheduler, type Subscription } from 'rxjs';
import { misfit } from '../base/errors.ts';
import { type Duration, milliseconds } from '../base/duration.ts';
import { type Check, number, record, whole } from '../base/schema.ts';
import type { Store } from '../stores/store.ts';

export interface KeepOptions {
  /** Where the states of streams are kept: they go on from there, and are written there while the stream runs. */
  store?: Store;
  /**
   * How often they are written: after so many samples (10,000 by default), and when a sample has waited so long (5 s;
   * 24 days at most). Always at the end.
   */
  flush?: { samples?: number; every?: Duration };
}

/** What belongs to all streams of a store: samples taken by them, and the source's own offset of the newest. */
export interface KeptMeta {
  readonly samples: number;
  readonly offset: number | null;
}

/** Options with a store. */
export type Kept = KeepOptions & { readonly store: Store };

const timer = number(0, 2 ** 31 - 1); // timers cannot wait longer, and would not wait at all

const checkFlush = record<{ samples?: number; every?: number }>(
  { samples: whole(1, Number.MAX_SAFE_INTEGER), every: (value, name) => timer(milliseconds(value, name), name) },
  ['samples', 'every'],
);

const checkStore: Check<Store> = (value, name) => {
  if (typeof value === 'object' && value !== null && typeof (value as Store).flush === 'function')
    return value as Store;
  throw misfit('a store', name, value);
};

export const keepOptionChecks = { store: checkStore, flush: checkFlush as Check<never> };

/** Whether there is a store among the options. */
export function isKept<T extends KeepOptions>(options: T): options is T & Kept {
  return options.store !== undefined;
}

/** Writes the states of streams to their store when it is time. */
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

  /** `put` puts the states that have changed into the store. */
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

  /** From here on waiting changes are written in time; `fail` is called when a write between samples fails. */
  start(fail: (error: unknown) => void): void {
    this.#fail = fail;
    if (this.#waiting > 0) this.#setTimer(fail);
  }

  /** From here on only `flush` writes. */
  stop(): void {
    this.#timer?.unsubscribe();
    this.#fail = undefined;
  }

  /** Whether to flush before the next sample is taken, after `pending` ones that are not counted yet. */
  isDue(pending: number): boolean {
    return this.#waiting + pending >= this.#most;
  }

  /** Takes note of a sample that was taken, and of its offset where it has one. */
  count(offset: number | undefined): void {
    this.#samples++;
    if (offset !== undefined) this.#offset = offset;
    this.change();
  }

  /** Takes note of a change, by a sample or not. */
  change(): void {
    if (this.#waiting++ === 0 && this.#fail) this.#setTimer(this.#fail);
  }

  /** Writes everything: every sample that was counted has to have made its step. */
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
