/** A part of what a live stream remembers: numbers in the stream's row, so that a copy of the row is a copy of it. */
export interface Part {
  /** Numbers it keeps. */
  readonly size: number;
  /** As for a stream that has seen nothing. All numbers of the part are 0 when this is called. */
  reset(row: Float64Array, at: number): void;
}
