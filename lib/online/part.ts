/** A part of what a live stream remembers: numbers in the stream's row, so that a copy of the row is a copy of it. */
export interface Part {
  /** Numbers it keeps. */
  readonly size: number;
  /** As for a stream that has seen nothing. All numbers of the part are 0 when this is called. */
  reset(row: Float64Array, at: number): void;
  /**
   * Clears, in a copy of a row made for comparison, the numbers that no later forecast depends on: tallies for the
   * reader, and the place of the newest step in a ring. A part without such numbers leaves this method out.
   */
  clearForComparison?(row: Float64Array, at: number): void;
}

/**
 * A part that knows something of each of the last steps. That lies in a ring, once for a stream, however many of its
 * earlier rows are kept: the row says where in the ring its newest step is, so an earlier row finds its own steps
 * there.
 */
export interface RingPart extends Part {
  /** Numbers of its ring; all 0 at first. */
  readonly ringSize: number;
  /** Numbers of a step in it. */
  readonly stride: number;
  /** Steps that the row knows of, with the newest. */
  count(row: Float64Array, at: number): number;
  /** Where in the ring the numbers of the step `back` before the newest begin; `back` is less than its places. */
  place(row: Float64Array, at: number, back: number): number;
}

/** Where a row of a part, and its ring, begin. */
export interface Steps {
  readonly row: Float64Array;
  readonly at: number;
  readonly ring: Float64Array;
  readonly ringAt: number;
}

/** Whether the steps that two rows know of are the same, to the bit, wherever they stand in the rings. */
export function sameSteps(part: RingPart, one: Steps, other: Steps): boolean {
  const count = part.count(one.row, one.at);
  if (count !== part.count(other.row, other.at)) return false;
  for (let back = 0; back < count; back++) {
    const place = one.ringAt + part.place(one.row, one.at, back);
    const otherPlace = other.ringAt + part.place(other.row, other.at, back);
    for (let i = 0; i < part.stride; i++) {
      if (!Object.is(one.ring[place + i], other.ring[otherPlace + i])) return false;
    }
  }
  return true;
}
