/** Share of an interval by which the grid may follow the stamps per step: far more than a clock drifts. */
const FOLLOW = 1 / 256;
/** Weight of the newest spacing in the usual one. */
const RECENT = 1 / 16;
/** A source whose usual spacing is below this many intervals is faster than the model. */
const FAST = 0.75;

// The numbers of the part.
const ANCHOR = 0; // the stamp that began the newest step [ms]
const LOW = 1; // lowest and highest deviation of recent stamps from their places, relative to the anchor's [intervals]
const HIGH = 2;
const SPACING = 3; // usual time between samples, at most about 1 [intervals]

/**
 * The even grid of steps to which uneven stamps belong.
 *
 * The position of the grid is known only as a range: no stamp may lie more than `tolerance` from its place, so the
 * lowest and the highest deviation of recent stamps are at most twice that apart. A stamp belongs to the step after the
 * newest if that range allows it, and otherwise to the nearest step. The range forgets 1/256 of an interval per step,
 * and so the grid follows a clock that runs slow or fast. Therefore an unbroken series is placed without a gap for any
 * jitter up to the tolerance and any drift up to 0.39 % per step, half of which is taken from the tolerance; and with
 * jitter below (1 - 2 tolerance) / 2 every gap is seen.
 */
export class Grid {
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

  /** The range and the spacing depend on whether a stamp came late, though the steps are the same. */
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
   * The step that `time` belongs to, counted from the newest: 0 for the newest, 1 for the next, -1 for the one before.
   * Never on the other side of `latest`, the newest stamp taken so far.
   */
  place(row: Float64Array, at: number, time: number, latest: number): number {
    const distance = (time - row[at + ANCHOR]!) / this.#interval;
    const side = time > latest ? 1 : -1;
    if (this.#fits(row, at, distance - side)) return side;
    const middle = (row[at + LOW]! + row[at + HIGH]!) / 2;
    // a step is begun by the stamp nearest to its place: from a fast source, that is at most half a spacing early
    const early = this.#isFast(row, at) ? row[at + SPACING]! / 2 : 0.5;
    const steps = Math.floor(distance - middle + early);
    return side > 0 ? Math.max(0, steps) : Math.min(0, steps);
  }

  /**
   * Notes `time`, which is after `latest` and begins the step that is `steps` after the newest, or lies in the newest
   * for 0.
   */
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
      // such a stamp does not show where the grid lies: its source has another rate, or skipped the sample that began
      // the step
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

  /** Advances by one step without a stamp; returns where it begins [ms]. */
  skip(row: Float64Array, at: number): number {
    row[at + ANCHOR] = row[at + ANCHOR]! + this.#interval;
    return row[at + ANCHOR]!;
  }

  /** Whether a stamp belongs to a place from which it deviates by `off` intervals more than the anchor does. */
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
