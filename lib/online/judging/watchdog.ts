import type { Part, WritableTrust } from '../part.ts';
import type { Step } from '../step.ts';

/**
 * What the hidden vectors look like: as usual; most units at their limits, where they remember little and answer
 * nothing; cells that grow without bound; or numbers that are not finite.
 */
export type Watch = (typeof WATCHES)[number];
const WATCHES = ['ok', 'saturated', 'growing', 'broken'] as const;

/** Steps from which the usual is learned. */
const LEARNING = 256;
/** A unit this near to -1 or 1 is at its limit. */
const LIMIT = 0.999;
/** Share of the units, above the usual one, that at their limits are too many. */
const TOO_MANY = 0.3;
/** Times the largest usual size of the cells that is growth. */
const TOO_LARGE = 4;
/** A small c may grow at will: the outputs o tanh(c) hardly notice. */
const SMALL = 1;
/** Steps over which the shares are averaged: a single sample may drive many units to their limits. */
const AVERAGED = 16;

const STEPS = 0;
const SHARE = 1; // of units at their limits, averaged
const USUAL_SHARE = 2;
const USUAL_SIZE = 3;

/**
 * Watches the hidden vectors of a stream, which no error tells of when they have gone wrong. The usual is the most that
 * was seen in the first 256 steps.
 */
export class Watchdog implements Part {
  readonly size = 4;
  readonly reportSize = 1;

  reset(): void {}

  after(step: Step): void {
    const { h, c } = step.vectors();
    const watch = this.check(step.row, step.at, h, c);
    if (watch !== 'ok') step.sound = false;
    step.report[step.reportAt] = WATCHES.indexOf(watch);
  }

  trust(report: Float64Array, at: number, trust: WritableTrust): void {
    trust.state = WATCHES[report[at]!];
  }

  /**
   * Judges the vectors after a step: `h` of all layers, in [-1, 1], and the cells `c` where there are any, unbounded.
   * What is not finite is `broken` and not remembered, so the next look is as good as any.
   */
  check(row: Float64Array, at: number, h: ArrayLike<number>, c?: ArrayLike<number>): Watch {
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
