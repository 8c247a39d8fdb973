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
  /** Numbers of a step in it. */
  readonly stride: number;
  /** Steps that the row knows of, with the newest. */
  count(row: Float64Array, at: number): number;
  /** Where in the ring the numbers of the step `back` before the newest begin; `back` is less than its places. */
  place(row: Float64Array, at: number, back: number): number;
}

/** Whether the steps that a row knows of are the same, to the bit, in this ring and in that. */
export function sameSteps(
  part: RingPart,
  row: Float64Array,
  at: number,
  ring: Float64Array,
  ringAt: number,
  other: Float64Array,
  otherAt: number,
): boolean {
  const count = part.count(row, at);
  for (let back = 0; back < count; back++) {
    const place = part.place(row, at, back);
    for (let i = place; i < place + part.stride; i++) {
      if (!Object.is(ring[ringAt + i], other[otherAt + i])) return false;
    }
  }
  return true;
}
