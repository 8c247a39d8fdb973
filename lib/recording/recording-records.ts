import type { Loss } from '../model/heads/heads.ts';

/**
 * The kinds of records and their bodies; all numbers are little-endian. A text is referred to by its number among the
 * texts of its chunk, counted from 1; 0 means no text. So each chunk can be read by itself.
 *
 *     header    JSON, see RecordingHeader
 *     text      UTF-8
 *     sample    u8 flags, u32 key, u32 names of the values (JSON list), f64 arrival, f64 at,
 *               f64 arrivedAt and f64 offset if flagged, f64 values ...
 *     forecast  u8 flags, u32 key, u32 layout (JSON), u32 invalid samples skipped, f64 at,
 *               f64 arrivedAt, f64 duplicate, late and implausible samples if flagged,
 *               f64 mean ..., f64 of each quantile ...
 *     lost      u32 samples, u32 forecasts that were not recorded before the next record
 *     end       u8, an index into ENDINGS
 *
 * The recording of a control loop has kinds of its own, from 16: see `lib/control/replay/loop-records.ts`.
 */
export const KIND = { header: 1, text: 2, sample: 3, forecast: 4, lost: 5, end: 6 } as const;

/**
 * Flags of a sample. `wrapped`: it is an object with `values`; `timed`: it has a time; `single`: its values are one
 * number; then whether it has `arrivedAt` and `offset`.
 */
export const SAMPLE_FLAG = { wrapped: 1, timed: 2, single: 4, arrived: 8, offset: 16 } as const;
/** Bytes of a sample's body before its optional fields. */
export const SAMPLE_HEAD_BYTES = 25;

/**
 * Flags of a forecast: it is ready; it has a time; it is a correction; it has `arrivedAt`; samples were skipped because
 * of their times.
 */
export const FORECAST_FLAG = { ready: 1, timed: 2, correction: 4, arrived: 8, skipped: 16 } as const;
/** Bytes of a forecast's body before its optional fields. */
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
  /** The words of the classes, with the loss 'classes'. */
  classes?: readonly string[];
  /** Present if the forecaster drew paths, which then come in place of what the head gives. */
  paths?: { count: number };
}

/** What a recording says about itself, at its beginning. */
export interface RecordingHeader {
  /** Version of gatecast. */
  version: string;
  /** Instruction set of the kernels; 'none' without the addon. */
  isa: string;
  /** SHA-256 of the native addon, 'none' without it. The same addon computes the same bits. */
  addon: string;
  node: string;
  platform: string;
  arch: string;
  /** ISO 8601; arrivals are counted from here. */
  startedAt: string;
  /** Fingerprint of the forecaster; null when none was given. */
  model: string | null;
  /** Whether it holds forecasts and not only samples. */
  forecasts: boolean;
  /** Snapshot of the state that the stream continued from, in base64; null if it started afresh. */
  state: string | null;
  /** What the caller wanted to keep. */
  options: unknown;
  /** Only in the recording of a control loop, which has no samples: the loop's settings. */
  loop?: object;
}
