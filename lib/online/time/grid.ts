import type { Part } from '../part.ts';

/** Share of an interval by which the grid may follow the stamps at each step: far more than the drift of a clock. */
const FOLLOW = 1 / 256;
/** Weight of the newest spacing in the usual one. */
const RECENT = 1 / 16;
/** A usual spacing below this many intervals is that of a source faster than the model. */
const FAST = 0.75;

// The numbers of the part.
const ANCHOR = 0; // the stamp that began the newest step [ms]
const LOW = 1; // lowest and highest that recent stamps lay from their places, less how far the anchor lies [intervals]
const HIGH = 2;
const SPACING = 3; // usual time between samples, at most about one [intervals]

/**
 * The even grid that uneven stamps belong to.
 *
 * Where the grid lies is known only as a range: no stamp may lie more than `tolerance` from its place, so the lowest
 * and the highest deviation of recent stamps are at most twice that apart. A stamp belongs to the step after the newest
 * whenever that range allows it, and otherwise to the nearest one. The range forgets by 1/256 of an interval at a step,
 * which is how the grid follows a clock that runs slow or fast. So an unbroken series is placed without a gap with any
 * jitter up to the tolerance and any drift up to 0.39 % a step, of which half is taken from the tolerance; and with
 * jitter below (1 - 2 tolerance) / 2 every gap is seen.
 */
export class Grid implements Part {
  readonly size = 4;
  readonly #interval: number;
  readonly #spread: number;

  /** `interval` in ms, `tolerance` in intervals, below 0.5. */
  constructor(interval: number, tolerance: number) {
    this.#interval = interval;
    this.#spread = 2 * tolerance;
  }

  reset(row: Float64Array, at: number): void {
    row[at + SPACING] = 1;
  }

  /** How evenly stamps have come depends on whether one of them came late, though the steps are the same. */
  clearForComparison(row: Float64Array, at: number): void {
    row[at + LOW] = 0;
    row[at + HIGH] = 0;
    row[at + SPACING] = 0;
  }

  /** Lays the grid so that `time` begins a step. */
  start(row: Float64Array, at: number, time: number): void {
    row[at + ANCHOR] = time;
    row[at + LOW] = 0;
    row[at + HIGH] = 0;
  }

  /**
   * The step that `time` belongs to, counted from the newest: 0 that one, 1 the next, -1 the one before. Never on the
   * other side of `latest`, the newest stamp taken so far.
   */
  place(row: Float64Array, at: number, time: number, latest: number): number {
    const distance = (time - row[at + ANCHOR]!) / this.#interval;
    const side = time > latest ? 1 : -1;
    if (this.#fits(row, at, distance - side)) return side;
    const middle = (row[at + LOW]! + row[at + HIGH]!) / 2;
    // a step is begun by the stamp nearest to its place: of a fast source, that is at most half a spacing early
    const early = this.#isFast(row, at) ? row[at + SPACING]! / 2 : 0.5;
    const steps = Math.floor(distance - middle + early);
    return side > 0 ? Math.max(0, steps) : Math.min(0, steps);
  }

  /** Takes note of `time`, which is after `latest` and begins the step `steps` after the newest, or is in it for 0. */
  advance(row: Float64Array, at: number, time: number, steps: number, latest: number): void {
    const spacing = (time - latest) / this.#interval;
    row[at + SPACING] =
      row[at + SPACING]! + RECENT * ((steps > 1 ? Math.min(spacing, 1) : spacing) - row[at + SPACING]!);
    if (steps === 0) return;
    const off = (time - row[at + ANCHOR]!) / this.#interval - steps;
    const low = row[at + LOW]! + steps * FOLLOW;
    const high = row[at + HIGH]! - steps * FOLLOW;
    if (this.#fits(row, at, off)) {
      row[at + ANCHOR] = time;
      row[at + LOW] = Math.min(0, low - off);
      row[at + HIGH] = Math.max(0, high - off);
    } else {
      // such a stamp says nothing of where the grid lies: its source has another rate, or skipped what began the step
      const middle = (low + high) / 2;
      const half = this.#allowed(row, at) / 2;
      row[at + ANCHOR] = row[at + ANCHOR]! + steps * this.#interval;
      row[at + LOW] = Math.min(middle, Math.max(low, middle - half));
      row[at + HIGH] = Math.max(middle, Math.min(high, middle + half));
    }
  }

  /** The usual time between samples, at most about an interval [ms]. */
  spacing(row: Float64Array, at: number): number {
    return row[at + SPACING]! * this.#interval;
  }

  /** Goes on by one step without a stamp; returns where that begins [ms]. */
  skip(row: Float64Array, at: number): number {
    row[at + ANCHOR] = row[at + ANCHOR]! + this.#interval;
    return row[at + ANCHOR]!;
  }

  /** Whether a stamp that lies `off` intervals further from its place than the anchor does belongs there. */
  #fits(row: Float64Array, at: number, off: number): boolean {
    return Math.max(row[at + HIGH]!, off) - Math.min(row[at + LOW]!, off) <= this.#allowed(row, at);
  }

  #allowed(row: Float64Array, at: number): number {
    return this.#isFast(row, at) ? this.#spread * row[at + SPACING]! : this.#spread;
  }

  #isFast(row: Float64Array, at: number): boolean {
    return row[at + SPACING]! < FAST;
  }
}
