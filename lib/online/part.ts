/** A part of what a live stream remembers: numbers in the stream's row, so that a copy of the row is a copy of it. */
export interface Part {
  /** Numbers it keeps. */
  readonly size: number;
  /** As for a stream that has seen nothing. All numbers of the part are 0 when this is called. */
  reset(row: Float64Array, at: number): void;
}

/**
 * A part that knows something of each of the last steps. That lies in a ring, once for a stream, however many of its earlier
 * rows are kept: the row says where in the ring its newest step is, so an earlier row finds its own steps there.
 */
export interface RingPart extends Part {
  /** Numbers of its ring; all 0 at first. */
  readonly ringSize: number;
  /** Whether equal rows mean the same, one with this ring and the other with that. */
  sameSteps(
    row: Float64Array,
    at: number,
    ring: Float64Array,
    ringAt: number,
    other: Float64Array,
    from: number,
  ): boolean;
}
