/** The shape of a training window; all lengths in rows. */
export interface WindowShape {
  /** Input rows of a window. */
  window: number;
  /** First steps without a loss; less than `window`. */
  warmup: number;
  /** Target rows after each step. */
  horizon: number;
  /** Last steps that read the network's forecast of the step before instead of the targets' values. */
  freeSteps: number;
}

/** Rows [from, to). */
export interface Span {
  from: number;
  to: number;
}

/**
 * The first rows of all windows that lie, targets included, within `part`. `incomplete[r]` is the number of rows before
 * `r` with a missing value; windows with such a row are left out.
 */
export function trainingStarts(incomplete: Uint32Array, part: Span, shape: WindowShape): Iterable<number> {
  return starts(incomplete, part.from, part.to, shape, 1);
}

/**
 * The first rows of windows whose targets lie within `part`, laid side by side from its end so that each row is
 * forecast about equally often. Inputs may reach back to row `earliest`.
 */
export function validationStarts(
  incomplete: Uint32Array,
  part: Span,
  shape: WindowShape,
  earliest: number,
): Iterable<number> {
  const first = Math.max(earliest, part.from - shape.warmup - 1);
  return starts(incomplete, first, part.to, shape, shape.window - shape.warmup);
}

function* starts(incomplete: Uint32Array, from: number, to: number, shape: WindowShape, stride: number) {
  const length = shape.window + shape.horizon;
  for (let start = to - length; start >= from; start -= stride) {
    if (incomplete[start] === incomplete[start + length]) yield start;
  }
}
