import type { Keeper } from '../keeper.ts';
import type { Fleet } from './fleet.ts';
import type { FleetClock } from './fleet-limits.ts';

/** What a feed works with. */
export interface FleetParts<K, Answer, M> {
  readonly fleet: Fleet<K, Answer, M>;
  readonly clock: FleetClock;
  readonly keeper: Keeper | undefined;
}

/** What feeds streams while it lasts: a subscription to `forecastBy` or `anomaliesBy`. */
export interface Feed {
  /** Answers the samples that have come, unless it is about to. */
  settle(): void;
  /** The same, and does this when it has: at once, or when it has answered all that it is about to. */
  between(change: () => void): void;
  /** Hears of a write that failed between samples. */
  fail(error: unknown): void;
}

/** The names of the methods by which a feed takes and gives back the streams that it works on. */
export const attach: unique symbol = Symbol('attach');
export const detach: unique symbol = Symbol('detach');

/** Streams by key that a feed works on, one at a time. */
export interface Fed<K, Answer> {
  /** Throws `busy` while another feed has them. */
  [attach](feed: Feed): FleetParts<K, Answer, unknown>;
  /** The feed has ended. */
  [detach](feed: Feed): void;
  dispose(): void;
}
