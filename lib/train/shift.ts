import type { Encoder } from '../model/inputs/encoder.ts';
import type { SeriesRows } from './plan.ts';
import type { Span } from './windows.ts';

/** The levels of the copies of the training rows, as shares of `levelShift`. */
const POSITIONS = [-1, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1];

/** A table with more rows than this is not copied: it has enough levels of its own. */
const ENOUGH_ROWS = 2 ** 18;

/** A copy of training rows. */
export interface Copy {
  /** The index of their series. */
  series: number;
  from: Span;
  /** The index among all rows where the copy begins. */
  to: number;
  /** The level of the copy, from -1 to 1 in `levelShift`. */
  position: number;
}

/** The copies of all training rows, which follow the `rows` of all series. */
export function planCopies(series: readonly SeriesRows[], rows: number, levelShift: number): Copy[] {
  if (levelShift === 0 || rows > ENOUGH_ROWS) return [];
  const copies: Copy[] = [];
  let to = rows;
  for (const position of POSITIONS) {
    for (const [index, { training }] of series.entries()) {
      copies.push({ series: index, from: training, to, position });
      to += training.to - training.from;
    }
  }
  return copies;
}

/**
 * Writes the copies, moved up and down by up to `levelShift` deviations in even steps, all numbers alike. A network
 * that has seen a rhythm at many levels also knows it at levels that the training rows never reached.
 */
export function writeCopies(
  rows: Float32Array,
  { width, numbers }: Pick<Encoder, 'width' | 'numbers'>,
  copies: readonly Copy[],
  levelShift: number,
): void {
  for (const { from, to, position } of copies) {
    const offset = levelShift * position;
    rows.copyWithin(to * width, from.from * width, from.to * width);
    for (let row = to; row < to + from.to - from.from; row++) {
      for (const column of numbers) rows[row * width + column]! += offset;
    }
  }
}
