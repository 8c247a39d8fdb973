import { checkDelay } from '../../recording/delays.ts';
import { abortSignal, boolean, callable, list, number, oneOf, record, whole } from '../../base/schema.ts';
import type { Duration } from '../../base/duration.ts';
import { type Fault, FAULTS } from '../../recording/faults.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { checkStreamOptions, type StreamOptions } from '../state/stream-options.ts';

export interface ReplayOptions {
  /** How the streams are made: these, and for the rest what the recording's header says. */
  stream?: StreamOptions;
  /**
   * Whether what the samples come to is compared with the recorded forecasts; true unless something is put in their
   * way.
   */
  compare?: boolean;
  /** What goes wrong before the model; nothing by default. */
  faults?: readonly Fault[];
  /** Share of readings, or samples, that each fault spoils, in (0, 1]; default 0.01. */
  rate?: number;
  /** How much later samples arrive, up to an hour, and by how much more or less at random; 0 by default. */
  latency?: Duration;
  jitter?: Duration;
  /** Of the faults and the jitter, 0 (the default) to 2^28: the same seed, the same faults. */
  seed?: number;
  /** Times as fast as it was recorded, by when the samples arrived; by default as fast as possible. */
  speed?: number;
  /** Ends the replay early, with a report of what was done so far. */
  signal?: AbortSignal;
  /** Is called with each forecast, of the disturbed samples where something is put in their way. */
  onForecast?: (forecast: LiveForecast, key: string | undefined) => void;
}

/** Options as they are used. */
export type CheckedReplayOptions = Readonly<
  Omit<ReplayOptions, 'latency' | 'jitter'> & { latency?: number; jitter?: number }
>;

const fields = {
  stream: checkStreamOptions,
  compare: boolean,
  faults: list(oneOf(...FAULTS), 0, FAULTS.length),
  rate: number(1e-9, 1),
  latency: checkDelay,
  jitter: checkDelay,
  seed: whole(0, 2 ** 28),
  speed: number(1e-6, 1e9),
  signal: abortSignal,
  onForecast: callable,
};

/** Checks options; a frozen copy. */
export const checkReplayOptions = record<CheckedReplayOptions>(
  fields,
  Object.keys(fields) as (keyof CheckedReplayOptions)[],
);
