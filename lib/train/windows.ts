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
  /**
   * How many windows at most go on from one another: each begins where the one before ended, with its last state. 1 if
   * left out: each begins from the zero state.
   */
  chain?: number;
}

/** Whether windows of this shape go on from one another. */
export function carries({ chain = 1 }: WindowShape): boolean {
  return chain > 1;
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
   * until it begins. Receives the first rows of these pieces, and of all pieces if windows go on from one another.
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
    if (whole) {
      if (carries(shape)) choice.begins?.add(piece.from);
      for (let start = piece.to - length; start >= piece.from; start--) yield* chainAt(start, 1, piece, shape, choice);
    } else if (choice.begins) {
      yield* chains(piece, piece.from - shape.window + 1, { ...shape, chain: 1 }, choice);
    }
  }
}

/**
 * The first rows of windows whose targets lie within `part`, laid side by side from the end of each piece so that each
 * row is forecast about equally often; those of a chain follow one another. Inputs may reach back to row `earliest`.
 */
export function* validationStarts(
  incomplete: Uint32Array,
  part: Span,
  shape: WindowShape,
  earliest: number,
  choice: Choice = {},
): Generator<number> {
  for (const piece of piecesOf(incomplete, { from: earliest, to: part.to })) {
    const begin = choice.begins ? Math.max(piece.from, part.from - firstStep(shape)) - shape.window + 1 : piece.from;
    const first = Math.max(begin, part.from - shape.warmup - firstStep(shape));
    yield* chains(piece, first, shape, choice);
  }
}

/** Chains of windows from the end of a piece down to row `first`, as long as may be. */
function* chains(piece: Span, first: number, shape: WindowShape, choice: Choice): Generator<number> {
  const { window, warmup, horizon, chain = 1 } = shape;
  for (let end = piece.to - horizon; ; ) {
    const most = Math.floor((end - Math.max(first, piece.from)) / window);
    const count = Math.min(Math.max(1, most), chain);
    const start = end - count * window;
    if (start < first) return;
    yield* chainAt(start, count, piece, shape, choice);
    end = start + warmup;
  }
}

/** The windows of a chain, unless no true value is known of what they forecast. */
function* chainAt(
  start: number,
  count: number,
  piece: Span,
  shape: WindowShape,
  { known, begins }: Choice,
): Generator<number> {
  const forecast = Math.max(start + shape.warmup, piece.from) + firstStep(shape);
  if (known && !known(forecast, start + count * shape.window + shape.horizon)) return;
  if (start < piece.from) begins?.add(piece.from);
  for (let i = 0; i < count; i++) yield start + i * shape.window;
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
