import type { Part } from './plan.ts';
import type { Span } from './windows.ts';

/** Where copies of the training rows lie within the range of levels. */
const POSITIONS = [-1, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1];

/** Rows beyond which a table is not copied: it has enough levels of its own. */
const ENOUGH_ROWS = 2 ** 18;

/** Training rows to copy. */
export interface Copy {
  /** Whose they are, among the parts. */
  part: number;
  from: Span;
  /** Where among all rows the copy begins. */
  to: number;
  /** Of its level, from -1 to 1. */
  position: number;
}

/** The copies of all training rows, to stand after the `rows` there are. */
export function planCopies(parts: readonly Part[], rows: number, levelShift: number): Copy[] {
  if (levelShift === 0 || rows > ENOUGH_ROWS) return [];
  const copies: Copy[] = [];
  let to = rows;
  for (const position of POSITIONS) {
    for (const [part, { training }] of parts.entries()) {
      copies.push({ part, from: training, to, position });
      to += training.to - training.from;
    }
  }
  return copies;
}

/**
 * Writes the copies, moved up and down by up to `levelShift` deviations in even steps, all inputs alike. A network
 * that has seen one rhythm at many levels still knows it at a level the training rows never reached.
 */
export function writeCopies(rows: Float32Array, width: number, copies: readonly Copy[], levelShift: number): void {
  for (const { from, to, position } of copies) {
    const offset = levelShift * position;
    const start = from.from * width;
    const end = from.to * width;
    for (let i = start; i < end; i++) rows[to * width + i - start] = rows[i]! + offset;
  }
}
