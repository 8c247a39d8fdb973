import type { WritableTrust } from './live-forecast.ts';
import type { Step } from './step.ts';

/**
 * A part of a live stream: what it remembers, as numbers in the stream's row, so that a copy of the row is a copy of
 * it; and what it does at each step, as hooks.
 *
 * The hooks of one step are called in the order of the stream's list of parts: `before` of all, then the model's step,
 * `after` of all, and for a step that is answered `report` of all.
 */
export interface Part {
  /** How many numbers it keeps. */
  readonly size: number;
  /** Sets the state of a new stream. All numbers of the part are 0 when this is called. */
  reset(row: Float64Array, at: number): void;
  /**
   * Clears, in a copy of a row made for comparison, the numbers that no later forecast depends on: counts for the
   * reader, and the place of the newest step in a ring. A part without such numbers leaves this method out.
   */
  clearForComparison?(row: Float64Array, at: number): void;
  /**
   * Called after a long silence, for a stream that keeps what it has learned: earlier samples say nothing about the
   * next one.
   */
  restart?(row: Float64Array, at: number): void;

  /** Sees the sample before the model does: scores and learns from it, drops readings or fills missing ones. */
  before?(step: Step): void;
  /** Sees the forecast, and may change its numbers. */
  after?(step: Step): void;
  /** How many numbers of `step.report` the part writes, in whichever hook; 0 if left out. */
  readonly reportSize?: number;
  /** Writes the numbers that only an answer needs. */
  report?(step: Step): void;
  /** Reads them back into the part's fields of `Trust`. */
  trust?(report: readonly number[], at: number, trust: WritableTrust): void;
}

/** `count` numbers as they are reported: NaN stands for undefined. */
export function orUndefined(report: readonly number[], at: number, count: number): (number | undefined)[] {
  const values: (number | undefined)[] = [];
  for (let i = at; i < at + count; i++) values.push(Number.isNaN(report[i]) ? undefined : report[i]);
  return values;
}

/**
 * A part that keeps something about each of the last steps. It lies in a ring, once per stream, however many earlier
 * rows are kept: the row says where in the ring its newest step is, so an earlier row finds its own steps.
 */
export interface RingPart extends Part {
  /** How many numbers its ring has; all 0 at first. */
  readonly ringSize: number;
  /** How many numbers a step has in it. */
  readonly stride: number;
  /** How many steps the row knows, including the newest. */
  count(row: Float64Array, at: number): number;
  /** Where in the ring the numbers of the step `back` before the newest begin; `back` is less than the ring's steps. */
  place(row: Float64Array, at: number, back: number): number;
}

/** Where a part's row and its ring begin. */
export interface Steps {
  readonly row: Float64Array;
  readonly at: number;
  readonly ring: Float64Array;
  readonly ringAt: number;
}

/** Whether two rows know the same steps, to the bit, wherever they are in the rings. */
export function sameSteps(part: RingPart, one: Steps, other: Steps): boolean {
  const count = part.count(one.row, one.at);
  if (count !== part.count(other.row, other.at)) return false;
  for (let back = 0; back < count; back++) {
    const place = one.ringAt + part.place(one.row, one.at, back);
    const otherPlace = other.ringAt + part.place(other.row, other.at, back);
    for (let i = 0; i < part.stride; i++) {
      if (!Object.is(one.ring[place + i], other.ring[otherPlace + i])) return false;
    }
  }
  return true;
}
