import type { Part } from '../part.ts';

/**
 * What the errors of one sample mean for the weights. `promote`: the challenger has proven better than both others and
 * becomes the promoted forecast. `discard`: it has gone astray and is to be reset.
 */
export type ContestOutcome = 'stay' | 'promote' | 'discard';

/** Margin by which the challenger's recent error must be smaller, as a share. */
const MARGIN = 0.02;
/**
 * How much the promoted forecast may cost beyond the frozen one before the frozen answers again, in usual errors per
 * sample of patience.
 */
const COST = 0.015;
/**
 * How much the promoted forecast must have gained on the frozen one to answer again, in the same unit; also the most
 * that one sample may contribute.
 */
const GAIN = 0.04;
const MOST_GAIN = 1;
/** How much the challenger may cost, in usual errors. It does not answer, but is of no use until it has unlearned. */
const ASTRAY = 10;
/** Larger errors, in usual errors, count as this one: a single wild sample must not decide. */
const MOST = 10;

/**
 * Samples over which the usual error is averaged: a disturbance of hundreds of samples hardly moves it, a lasting drift
 * does.
 */
const USUAL = 3000;
/** An error enters the usual error as at most this many usual errors, or as many deviations among the first samples. */
const MOST_USUAL = 2;
const FIRST = 100;
const MOST_AT_FIRST = 10;
/** The smallest usual error, in deviations; a smaller one would magnify negligible errors. */
const LEAST_USUAL = 1e-6;

const SCORED = 0;
const USUAL_ERROR = 1;
const FROZEN = 2; // recent errors of the three, in usual errors
const PROMOTED = 3;
const CHALLENGER = 4;
const LEAD = 5; // samples in a row at which the challenger's was the smallest
const ANSWERS = 6; // 1 while the promoted answers
const PROMOTED_COST = 7; // cost beyond the frozen, since it was last better
const PROMOTED_GAIN = 8; // gain on the frozen since promotion; at most what it takes to answer
const CHALLENGER_COST = 9;

/**
 * Judges three forecasts of one target by their errors: a frozen one, a promoted one, and a challenger that learns.
 *
 * The challenger is promoted when its recent error has been the smallest by a margin for `patience` samples in a row,
 * which is longer than most disturbances last. After that, the promoted forecast's excess cost over the frozen one is
 * summed as in a CUSUM test (Page, 1954, "Continuous inspection schemes"): if it is much worse this takes a few
 * samples, if it is a little worse it takes many. At a bound the frozen forecast answers again, until the promoted one,
 * still scored, has more than made up for it.
 */
export class Contest implements Part {
  readonly size = 10;
  readonly #patience: number;

  /** `patience` [samples], at least 1. */
  constructor(patience: number) {
    this.#patience = patience;
  }

  reset(): void {}

  /** True while the promoted forecast is to answer. */
  answers(row: Float64Array, at: number): boolean {
    return row[at + ANSWERS] === 1;
  }

  /** The usual absolute error of the frozen forecast, in deviations; 0 before there is one. */
  usual(row: Float64Array, at: number): number {
    return row[at + USUAL_ERROR]!;
  }

  /**
   * Takes the absolute errors of one sample, in deviations. Before the first promotion the promoted forecast is the
   * frozen one.
   */
  score(row: Float64Array, at: number, frozen: number, promoted: number, challenger: number): ContestOutcome {
    const usual = this.#learnUsual(row, at, frozen);
    const f = Math.min(frozen / usual, MOST);
    const p = Math.min(promoted / usual, MOST);
    const c = Math.min(challenger / usual, MOST);
    const rate = Math.max(1 / row[at + SCORED]!, 2 / this.#patience);
    row[at + FROZEN]! += (f - row[at + FROZEN]!) * rate;
    row[at + PROMOTED]! += (p - row[at + PROMOTED]!) * rate;
    row[at + CHALLENGER]! += (c - row[at + CHALLENGER]!) * rate;
    row[at + PROMOTED_COST] = Math.max(0, row[at + PROMOTED_COST]! + p - f);
    row[at + PROMOTED_GAIN] = Math.min(row[at + PROMOTED_GAIN]! + Math.min(f - p, MOST_GAIN), GAIN * this.#patience);
    row[at + CHALLENGER_COST] = Math.max(0, row[at + CHALLENGER_COST]! + c - f);
    const rival = Math.min(row[at + FROZEN]!, row[at + PROMOTED]!);
    row[at + LEAD] = row[at + CHALLENGER]! < (1 - MARGIN) * rival ? row[at + LEAD]! + 1 : 0;
    this.#choose(row, at);
    return this.#decide(row, at);
  }

  /** Decides whether the frozen or the promoted forecast answers. */
  #choose(row: Float64Array, at: number): void {
    if (this.answers(row, at)) {
      if (row[at + PROMOTED_COST]! <= COST * this.#patience) return;
      row[at + ANSWERS] = 0;
      row[at + LEAD] = 0; // whatever made one worse may have made the other better
    } else if (row[at + PROMOTED_GAIN]! >= GAIN * this.#patience) {
      row[at + ANSWERS] = 1;
      row[at + PROMOTED_COST] = 0;
    }
  }

  #decide(row: Float64Array, at: number): ContestOutcome {
    if (row[at + CHALLENGER_COST]! > ASTRAY) {
      row[at + CHALLENGER_COST] = 0;
      row[at + LEAD] = 0;
      return 'discard';
    }
    if (row[at + LEAD]! < this.#patience) return 'stay';
    row[at + LEAD] = 0;
    row[at + ANSWERS] = 1;
    row[at + PROMOTED] = row[at + CHALLENGER]!;
    row[at + PROMOTED_COST] = 0;
    row[at + PROMOTED_GAIN] = 0;
    return 'promote';
  }

  #learnUsual(row: Float64Array, at: number, error: number): number {
    const scored = ++row[at + SCORED]!;
    const before = row[at + USUAL_ERROR]!;
    const counted = Math.min(error, scored <= FIRST ? MOST_AT_FIRST : MOST_USUAL * before);
    const usual = Math.max(before + (counted - before) * Math.max(1 / scored, 1 / USUAL), LEAST_USUAL);
    row[at + USUAL_ERROR] = usual;
    return usual;
  }
}
