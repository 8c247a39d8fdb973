/** The hidden vectors of a recurrent network after a step. */
export interface StepVectors {
  /** h of all layers, and c of all layers of an LSTM. A network that takes several streams has one after the other. */
  readonly h: Float32Array;
  readonly c: Float32Array | undefined;
  /** h of the last layer, in the same order. */
  readonly last: Float32Array;
}

/**
 * One step of a stream, as its parts see it. The same object serves all steps of all streams, so a part keeps neither
 * the object nor its arrays.
 */
export interface Step {
  /** Numbers of the streams; those of the part begin at `at`, those of the model at `modelAt`. */
  readonly row: Float64Array;
  readonly at: number;
  readonly modelAt: number;
  /** What the parts report of the step, as numbers; those of the part begin at `reportAt`. */
  readonly report: Float64Array;
  readonly reportAt: number;
  /** Readings of the inputs in their own units; NaN for one that is missing, or that a part has dropped. */
  readonly values: Float64Array;
  /** `values` with stand-ins for missing ones, which the model sees; it is `values` itself if no part fills any. */
  readonly filled: Float64Array;
  /** Steps without a sample that were filled right before this one. For `report`. */
  readonly missing: number;
  /** The forecast, [1 + levels][targets][horizon] in the targets' own units. For `after` and `report`. */
  readonly numbers: Float64Array;
  /** Whether the hidden vectors are sound. A part that finds otherwise clears it in `after`. */
  sound: boolean;
  /** Whether something is wrong with a reading. A part that finds so sets it in `before`. */
  flagged: boolean;
  /** Whether the step has no answer. A part that has nothing to report on it sets this in `before`. */
  silent: boolean;
  /** `values` of the targets, as they are when this is first called. */
  truth(): Float64Array;
  /** `values` as the model scales them, NaN if missing and for a word. */
  scaled(): Float64Array;
  /** The present deviations of the targets, on the model's scale of this stream and in their own units. */
  deviations(): Float64Array;
  /** The hidden vectors after the step. For `after` and `report`. */
  vectors(): StepVectors;
}
