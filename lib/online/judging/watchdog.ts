import type { WritableTrust } from '../live-forecast.ts';
import type { Part } from '../part.ts';
import type { Step } from '../step.ts';

/**
 * The health of the hidden vectors. `ok`: as usual; `saturated`: most units are at their limits, where they remember
 * little and respond to nothing; `growing`: LSTM cells grow without bound; `broken`: some numbers are not finite.
 */
export type VectorHealth = (typeof HEALTHS)[number];
const HEALTHS = ['ok', 'saturated', 'growing', 'broken'] as const;

/** Steps during which the usual is learned. */
const LEARNING = 256;
/** A unit this close to -1 or 1 is at its limit. */
const LIMIT = 0.999;
/** Share of units at their limits, above the usual share, that is too many. */
const TOO_MANY = 0.3;
/** Growth is this many times the largest usual size of the cells. */
const TOO_LARGE = 4;
/** Cells smaller than this may grow: the outputs o tanh(c) hardly change. */
const SMALL = 1;
/** Steps over which the share is averaged: a single sample may drive many units to their limits. */
const AVERAGED = 16;

const STEPS = 0;
const SHARE = 1; // share of units at their limits, averaged
const USUAL_SHARE = 2;
const USUAL_SIZE = 3;

/**
 * Watches the hidden vectors of a stream, which fail silently. The usual values are the largest of the first 256 steps.
 */
export class Watchdog implements Part {
  readonly size = 4;
  readonly reportSize = 1;

  reset(): void {}

  after(step: Step): void {
    const { h, c } = step.vectors();
    const watch = this.check(step.row, step.at, h, c);
    if (watch !== 'ok') step.sound = false;
    step.report[step.reportAt] = HEALTHS.indexOf(watch);
  }

  trust(report: readonly number[], at: number, trust: WritableTrust): void {
    trust.state = HEALTHS[report[at]!];
  }

  /**
   * Judges the vectors after a step: `h` of all layers, in [-1, 1], and the cells `c` where there are any, unbounded.
   * Vectors that are not finite are `broken` and not remembered, so they do not affect the next check.
   */
  check(row: Float64Array, at: number, h: ArrayLike<number>, c?: ArrayLike<number>): VectorHealth {
    let atLimit = 0;
    for (let k = 0; k < h.length; k++) {
      if (!Number.isFinite(h[k])) return 'broken';
      if (Math.abs(h[k]!) > LIMIT) atLimit++;
    }
    const size = c === undefined ? 0 : rootMeanSquare(c);
    if (!Number.isFinite(size)) return 'broken';

    const steps = Math.min(row[at + STEPS]! + 1, LEARNING + 1);
    row[at + STEPS] = steps;
    const share = row[at + SHARE]! + (atLimit / h.length - row[at + SHARE]!) / Math.min(steps, AVERAGED);
    row[at + SHARE] = share;
    if (steps <= LEARNING) {
      row[at + USUAL_SHARE] = Math.max(row[at + USUAL_SHARE]!, share);
      row[at + USUAL_SIZE] = Math.max(row[at + USUAL_SIZE]!, size);
      return 'ok';
    }
    if (size > TOO_LARGE * Math.max(row[at + USUAL_SIZE]!, SMALL)) return 'growing';
    return share > row[at + USUAL_SHARE]! + TOO_MANY ? 'saturated' : 'ok';
  }
}

function rootMeanSquare(values: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]! * values[k]!;
  return Math.sqrt(sum / values.length);
}
