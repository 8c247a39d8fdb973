import { checkDelay } from '../../recording/delays.ts';
import { abortSignal, boolean, callable, list, number, oneOf, object, whole } from '../../base/schema.ts';
import type { Duration } from '../../base/duration.ts';
import { type Fault, FAULTS } from '../../recording/faults.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { checkStreamOptions, type StreamOptions } from '../state/stream-options.ts';

export interface ReplayOptions {
  /** How the streams are made; options left out are taken from the recording's header. */
  stream?: StreamOptions;
  /** Whether the forecasts are compared with the recorded ones; by default true unless the samples are disturbed. */
  compare?: boolean;
  /** What goes wrong between sensor and model; nothing by default. */
  faults?: readonly Fault[];
  /** Share of readings, or of samples, that each fault spoils, in (0, 1]; default 0.01. */
  rate?: number;
  /** By how much samples are delayed, up to one hour, and by how much that varies at random; 0 by default. */
  latency?: Duration;
  jitter?: Duration;
  /** Seed of the faults and the jitter, 0 (the default) to 2^28: the same seed gives the same faults. */
  seed?: number;
  /** Speed relative to the recording, by the arrival times of the samples; by default as fast as possible. */
  speed?: number;
  /** Ends the replay early, with a report of what was done so far. */
  signal?: AbortSignal;
  /** Is called with each forecast; if the samples are disturbed, with those of the disturbed samples. */
  onForecast?: (forecast: LiveForecast, key: string | undefined) => void;
}

/** The options after checking. */
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

/** Checks the options; returns a frozen copy. */
export const checkReplayOptions = object<CheckedReplayOptions>(
  fields,
  Object.keys(fields) as (keyof CheckedReplayOptions)[],
);
