import type { Loss } from '../model/heads/heads.ts';

/**
 * The kinds of records, and their bodies; all numbers little-endian. A text is named by its number among the texts of
 * its chunk, from 1, and 0 is none; so each chunk can be read by itself.
 *
 *     header    JSON, see RecordingHeader
 *     text      UTF-8
 *     sample    u8 flags, u32 key, u32 names of the values (JSON list), f64 arrival, f64 at,
 *               f64 arrivedAt and f64 offset where the flags say so, f64 values ...
 *     forecast  u8 flags, u32 key, u32 layout (JSON), u32 invalid samples skipped, f64 at,
 *               f64 arrivedAt, f64 duplicate, late and unbelieved ones where the flags say so,
 *               f64 mean ..., f64 of each quantile ...
 *     lost      u32 samples, u32 forecasts that were not recorded before the next record
 *     end       u8, an index into ENDINGS
 *
 * The recording of a control loop has kinds of its own, from 16: see `lib/control/replay/loop-records.ts`.
 */
export const KIND = { header: 1, text: 2, sample: 3, forecast: 4, lost: 5, end: 6 } as const;

/**
 * Bits of a sample's flags: it is `{ values }`, it carries a time, its values are one number, it says when it arrived,
 * and its offset.
 */
export const SAMPLE_FLAG = { wrapped: 1, timed: 2, single: 4, arrived: 8, offset: 16 } as const;
/** Bytes of a sample's body before what not all have. */
export const SAMPLE_HEAD_BYTES = 25;

/**
 * Bits of a forecast's flags: it is ready, it carries a time, it is a correction, it says when its sample arrived, and
 * that samples were skipped for their times.
 */
export const FORECAST_FLAG = { ready: 1, timed: 2, correction: 4, arrived: 8, skipped: 16 } as const;
/** Bytes of a forecast's body before what not all have. */
export const FORECAST_HEAD_BYTES = 21;

/** How a recorded stream ended. */
export const ENDINGS = ['complete', 'error', 'unsubscribed'] as const;
export type Ending = (typeof ENDINGS)[number];

/**
 * What a forecast's numbers are, [targets][horizon] for the mean, then for each level, then for what the head of this
 * loss gives beside. Without a loss it gives nothing beside.
 */
export interface ForecastLayout {
  targets: readonly string[];
  horizon: number;
  levels: readonly number[];
  loss?: Loss;
}

/** What a recording says of itself at its beginning. */
export interface RecordingHeader {
  /** Version of gatecast. */
  version: string;
  /** Instruction set of the kernels; 'none' without the addon. */
  isa: string;
  /** SHA-256 of the native addon: where it is the same, so is every bit that it computes; 'none' without it. */
  addon: string;
  node: string;
  platform: string;
  arch: string;
  /** ISO 8601; arrivals count from here. */
  startedAt: string;
  /** Fingerprint of the forecaster; null when none was given. */
  model: string | null;
  /** Whether it has forecasts, not samples only. */
  forecasts: boolean;
  /** Snapshot of the state that the stream went on from, in base64; null when it began with nothing. */
  state: string | null;
  /** What the caller wanted kept. */
  options: unknown;
  /** Only in the recording of a control loop, which has no samples: how the loop is set. */
  loop?: object;
}
