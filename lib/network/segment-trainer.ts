import type { StateDict } from '../base/tensor.ts';
import { learnedParts } from './learned-parts.ts';
import { native } from './native.ts';
import { NativeTrainer } from './native-trainer.ts';
import { type SegmentSpec, segmentShapes } from './segment-spec.ts';
import { fromStateDict } from './state-dict.ts';

/**
 * What a segment network learns, and how. A window that starts at row s reads `history` segments of rows from there on
 * and forecasts the `horizon` rows after them, of all channels.
 */
export interface SegmentTrainerOptions {
  /** Without a linear map. */
  network: SegmentSpec;
  /** By name, one of the heads in `native/core/heads`. */
  loss: string;
  /** In (0, 1), ascending, for a head with an output for each; else empty. */
  levels: number[];
  /** Share of what the head reads that is dropped, 0 to 0.99. */
  dropout: number;
  /** Windows per step of the optimiser. */
  batchSize: number;
  /** Decoupled, as in AdamW. */
  weightDecay: number;
  /** Names of parameters that the decay does not pull at. */
  undecayed: readonly string[];
  /** Largest global norm of the gradient; 0 for no clipping. */
  clipNorm: number;
  /** Seed of dropout, 0 to 2^31 - 1. */
  seed: number;
  /** Threads that share a batch, 1 to 64; more than 8 are of no use. They change no bit of the result. */
  threads: number;
}

/** As the addon takes them; see `learnedParts`. */
export interface NativeSegmentTrainerOptions extends SegmentTrainerOptions {
  parts: number[];
}

/** Trains a segment network on windows of one table, with AdamW, off the main thread. */
export class SegmentTrainer extends NativeTrainer {
  /**
   * @param rows [n][channels], scaled; finite wherever a window reaches. Copied, as is `missing`.
   * @param initial the weights to begin with
   * @param missing [n][channels], 1 where the true value is missing, so that a forecast of it has no loss
   */
  constructor(rows: Float32Array, options: SegmentTrainerOptions, initial: StateDict, missing?: Uint8Array) {
    const shapes = segmentShapes(options.network);
    const all = { ...options, parts: learnedParts(shapes, options) };
    super(native.createSegmentTrainer(all, rows, fromStateDict(shapes, initial), missing), shapes);
  }
}
