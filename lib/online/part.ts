import type { WritableTrust } from './live-forecast.ts';
import type { Step } from './step.ts';

/**
 * A part of a live stream. What it remembers is numbers in the stream's row, so a copy of the row is a copy of the
 * part. What it does at each step is its hooks.
 *
 * The hooks of a step are called in the order of the stream's list of parts: `before` of all parts, then the model's
 * step, then `after` of all parts and, for a step with an answer, `report` of all parts.
 */
export interface Part {
  /** How many numbers it keeps in the row. */
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

/** Reads `count` numbers of a report, in which NaN stands for undefined. */
export function orUndefined(report: readonly number[], at: number, count: number): (number | undefined)[] {
  const values: (number | undefined)[] = [];
  for (let i = at; i < at + count; i++) values.push(Number.isNaN(report[i]) ? undefined : report[i]);
  return values;
}

/**
 * A part that keeps something about each of the last steps, in a ring. A stream has one ring, however many earlier rows
 * are kept: a row holds the place of its newest step in the ring, so an earlier row finds its own steps.
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
