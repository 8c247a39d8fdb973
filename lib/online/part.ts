import type { Trust } from './live-forecast.ts';
import type { Step } from './step.ts';

/**
 * A part of a live stream: what it remembers, as numbers in the stream's row, so that a copy of the row is a copy of
 * it; and what it does at each step, as hooks.
 *
 * The hooks of one step are called in the order of the stream's list of parts: `before` of all, then the model's step,
 * `after` of all, and for a step that is answered `report` of all.
 */
export interface Part {
  /** Numbers it keeps. */
  readonly size: number;
  /** As for a stream that has seen nothing. All numbers of the part are 0 when this is called. */
  reset(row: Float64Array, at: number): void;
  /**
   * Clears, in a copy of a row made for comparison, the numbers that no later forecast depends on: tallies for the
   * reader, and the place of the newest step in a ring. A part without such numbers leaves this method out.
   */
  clearForComparison?(row: Float64Array, at: number): void;
  /**
   * After a long silence, in a stream that keeps what it has learned: the samples before it say nothing of the next
   * one.
   */
  restart?(row: Float64Array, at: number): void;

  /** Sees the sample before the model does: scores and learns from it, drops readings or fills missing ones. */
  before?(step: Step): void;
  /** Sees the forecast, and may change its numbers. */
  after?(step: Step): void;
  /** Numbers of `step.report` that the part writes, in whichever hook; 0 when left out. */
  readonly reportSize?: number;
  /** Writes those that only an answer needs. */
  report?(step: Step): void;
  /** Reads them back into the fields of `Trust` that are the part's. */
  trust?(report: Float64Array, at: number, trust: WritableTrust): void;
}

/** A `Trust` whose fields the parts of a stream fill in. */
export type WritableTrust = { -readonly [K in keyof Trust]: Trust[K] };

/** `count` numbers as they are reported: NaN stands for undefined. */
export function orUndefined(report: Float64Array, at: number, count: number): (number | undefined)[] {
  const values: (number | undefined)[] = [];
  for (let i = at; i < at + count; i++) values.push(Number.isNaN(report[i]) ? undefined : report[i]);
  return values;
}

/**
 * A part that knows something of each of the last steps. That lies in a ring, once for a stream, however many of its
 * earlier rows are kept: the row says where in the ring its newest step is, so an earlier row finds its own steps
 * there.
 */
export interface RingPart extends Part {
  /** Numbers of its ring; all 0 at first. */
  readonly ringSize: number;
  /** Numbers of a step in it. */
  readonly stride: number;
  /** Steps that the row knows of, with the newest. */
  count(row: Float64Array, at: number): number;
  /** Where in the ring the numbers of the step `back` before the newest begin; `back` is less than its places. */
  place(row: Float64Array, at: number, back: number): number;
}

/** Where a row of a part, and its ring, begin. */
export interface Steps {
  readonly row: Float64Array;
  readonly at: number;
  readonly ring: Float64Array;
  readonly ringAt: number;
}

/** Whether the steps that two rows know of are the same, to the bit, wherever they stand in the rings. */
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
