import type { Part } from './part.ts';

/** Stamps in a row that must agree before they are believed against the clock. */
const WITNESSES = 3;

// The numbers of the part.
const COUNT = 0; // stamps in a row that were not believed and agree with one another
const FIRST = 1; // the first of them [ms]
const LAST = 2; // and the last
const GAP_FROM = 3; // the last gap that samples may yet come for, from stamp to stamp [ms]
const GAP_TO = 4;

/**
 * Weighs stamps that contradict a stream's clock: one may be false, several that agree are the true time.
 *
 * They agree when each is later than the one before it, by at most `mostApart`. Those that belong into the last long
 * gap are a backlog, which says nothing of the clock.
 */
export class Doubts implements Part {
  readonly size = 5;
  readonly #mostApart: number;

  /** `mostApart` in ms. */
  constructor(mostApart: number) {
    this.#mostApart = mostApart;
  }

  reset(): void {}

  /** Takes a doubtful stamp; true when it is to be believed, being the third to agree. */
  believe(row: Float64Array, at: number, time: number): boolean {
    if (time > row[at + GAP_FROM]! && time < row[at + GAP_TO]!) return false;
    const since = time - row[at + LAST]!;
    const agrees = row[at + COUNT]! > 0 && since > 0 && since <= this.#mostApart;
    row[at + COUNT] = agrees ? row[at + COUNT]! + 1 : 1;
    if (!agrees) row[at + FIRST] = time;
    row[at + LAST] = time;
    return row[at + COUNT]! >= WITNESSES;
  }

  /** The first of the stamps that agree [ms]. */
  first(row: Float64Array, at: number): number {
    return row[at + FIRST]!;
  }

  /** Takes note of a stamp that was as expected: those before it that were not are dismissed. */
  dismiss(row: Float64Array, at: number): void {
    row[at + COUNT] = 0;
  }

  /** Takes note of a gap between two stamps [ms] that samples may yet come for; none when they are one. */
  expectBacklog(row: Float64Array, at: number, from: number, to: number): void {
    row[at + GAP_FROM] = from;
    row[at + GAP_TO] = to;
  }
}
