/** The shape of a training window; all lengths in rows. */
export interface WindowShape {
  /** Input rows of a window. */
  window: number;
  /** First steps without a loss; less than `window`. */
  warmup: number;
  /** Target rows after each step; 0 if the row of the step itself is the target. */
  horizon: number;
  /** Last steps that read the network's forecast of the step before instead of the targets' values. */
  freeSteps: number;
}

/** Rows [from, to). */
export interface Span {
  from: number;
  to: number;
}

/** The first row that is forecast at a step, counted from that of the step. */
export function firstStep({ horizon }: Pick<WindowShape, 'horizon'>): number {
  return Math.min(1, horizon);
}

/** Which windows are taken beside those that lie wholly in one piece and have only known true values. */
export interface Choice {
  /**
   * If given, also windows that begin before their piece, which is shorter: a network then stays in the zero state
   * until it begins. Receives the first rows of these pieces.
   */
  readonly begins?: Set<number> | undefined;
  /** Whether any true value in rows [from, to) is known; a window without one is left out. */
  readonly known?: (from: number, to: number) => boolean;
}

/**
 * The first rows of the windows that lie, targets included, within `part`. `incomplete[r]` is the number of rows before
 * `r` that no window may read: they cut the rows into pieces. A piece shorter than a window has windows only with
 * `begins`: side by side from its end, so that each of its rows is forecast about equally often, also from a single row
 * of history.
 */
export function* trainingStarts(
  incomplete: Uint32Array,
  part: Span,
  shape: WindowShape,
  choice: Choice = {},
): Generator<number> {
  const length = shape.window + shape.horizon;
  for (const piece of piecesOf(incomplete, part)) {
    const whole = piece.to - piece.from >= length;
    if (whole) yield* starts(piece, piece.from, shape, 1, choice);
    else if (choice.begins) {
      yield* starts(piece, piece.from - shape.window + 1, shape, shape.window - shape.warmup, choice);
    }
  }
}

/**
 * The first rows of windows whose targets lie within `part`, laid side by side from the end of each piece so that each
 * row is forecast about equally often. Inputs may reach back to row `earliest`.
 */
export function* validationStarts(
  incomplete: Uint32Array,
  part: Span,
  shape: WindowShape,
  earliest: number,
  choice: Choice = {},
): Generator<number> {
  for (const piece of piecesOf(incomplete, { from: earliest, to: part.to })) {
    const begin = choice.begins ? Math.max(piece.from, part.from - 1) - shape.window + 1 : piece.from;
    const first = Math.max(begin, part.from - shape.warmup - 1);
    yield* starts(piece, first, shape, shape.window - shape.warmup, choice);
  }
}

/** The windows of a piece from its end down to row `first`. */
function* starts(
  piece: Span,
  first: number,
  shape: WindowShape,
  stride: number,
  { known, begins }: Choice,
): Generator<number> {
  const length = shape.window + shape.horizon;
  for (let start = piece.to - length; start >= first; start -= stride) {
    const forecast = Math.max(start + shape.warmup, piece.from) + 1;
    if (known && !known(forecast, start + length)) continue;
    if (start < piece.from) begins?.add(piece.from);
    yield start;
  }
}

/** The runs of rows of `part` that any window may read, from the last to the first. */
function* piecesOf(incomplete: Uint32Array, { from, to }: Span): Generator<Span> {
  let end = to;
  for (let row = to - 1; row >= from; row--) {
    if (incomplete[row] === incomplete[row + 1]) continue;
    if (row + 1 < end) yield { from: row + 1, to: end };
    end = row;
  }
  if (from < end) yield { from, to: end };
}
