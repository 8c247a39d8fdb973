import { checkMemory } from '../../base/memory.ts';
import { emptyTrust, type Trust } from '../../online/live-forecast.ts';
import { type Part, type RingPart, sameSteps, type Steps } from '../../online/part.ts';
import type { Cursor } from './cursor.ts';

/**
 * The counters, before the parts: samples left out, by the reason (`SkippedCounts`); then the source's offset plus 1,
 * or 0 if there is no offset.
 */
export const SKIPPED = 0;
export const OFFSET = 4;
export const COUNTERS = 5;

/** The parts of a stream, in the order in which they see a step. */
export interface PartPlan {
  /** Parts that remember samples, not forecasts: taking the stream back leaves them as they are. */
  readonly lasting: readonly Part[];
  /** All others. */
  readonly others: readonly Part[];
  /** How many earlier states a stream keeps. */
  readonly history: number;
}

/** A part, and where its numbers begin: in the row of a stream, in the report of a step and in the stream's rings. */
interface Placed<P extends Part = Part> {
  readonly part: P;
  readonly at: number;
  readonly reportAt: number;
  readonly ringAt: number;
}

type Hook = 'before' | 'after' | 'report' | 'trust';

/** The parts of a stream in order, and the layout of their numbers. */
export class PartList {
  /** How many numbers the parts have in a row. Each earlier state has its own. */
  readonly size: number;
  /** How many numbers the rings have, which a stream has once. */
  readonly ringSize: number;
  /** How many numbers the parts report of a step. */
  readonly reportSize: number;
  /** How many numbers, from the front, belong to the counters and the lasting parts. */
  readonly lasting: number;
  /** How many earlier states a stream keeps. */
  readonly history: number;
  /** True if any part has a hook. */
  readonly act: boolean;
  /** True if any part sees the forecasts. Else none need be made for a step without an answer. */
  readonly seeForecasts: boolean;
  readonly #placed: readonly Placed[];
  readonly #rings: readonly Placed<RingPart>[];
  readonly #before: readonly Hooked<'before'>[];
  readonly #after: readonly Hooked<'after'>[];
  readonly #reporting: readonly Hooked<'report'>[];
  readonly #trust: readonly Hooked<'trust'>[];

  /** Throws `invalid-argument` if there is not enough memory for the numbers. */
  constructor({ lasting, others, history }: PartPlan) {
    const placed: Placed[] = [];
    let [at, reportAt, ringAt] = [COUNTERS, 0, 0];
    for (const part of [...lasting, ...others]) {
      placed.push({ part, at, reportAt, ringAt });
      at += part.size;
      reportAt += part.reportSize ?? 0;
      if (isRing(part)) ringAt += part.ringSize;
    }
    this.#placed = placed;
    this.#rings = placed.filter((one): one is Placed<RingPart> => isRing(one.part));
    this.size = at;
    this.reportSize = reportAt;
    this.ringSize = ringAt;
    this.lasting = lasting.reduce((sum, { size }) => sum + size, COUNTERS);
    this.history = history;
    this.#before = withHook('before', placed);
    this.#after = withHook('after', placed);
    this.#reporting = withHook('report', placed);
    this.#trust = withHook('trust', placed);
    this.seeForecasts = this.#after.length > 0;
    this.act = this.#before.length + this.#after.length + this.#reporting.length > 0;
    checkMemory(8 * (this.size * (1 + history) + this.ringSize), 'what one stream with these options remembers');
  }

  /** Where the numbers of a part begin among those of all parts. */
  at(part: Part): number {
    return this.#find(part).at;
  }

  /** Where the ring of a part begins among the rings of a stream. */
  ringAt(part: RingPart): number {
    return this.#find(part).ringAt;
  }

  /** Where the numbers of a part begin in the report of a step. */
  reportAt(part: Part): number {
    return this.#find(part).reportAt;
  }

  /** Writes the numbers of a new stream. They must all be 0. */
  reset(row: Float64Array, at: number): void {
    for (const { part, at: place } of this.#placed) part.reset(row, at + place);
  }

  /** Writes the numbers of a stream after a long silence. What it has learned stays. */
  restart(row: Float64Array, at: number): void {
    for (const { part, at: place } of this.#placed) part.restart?.(row, at + place);
  }

  /** Clears, in a copy of a stream's numbers, those that no later forecast depends on. */
  clearForComparison(row: Float64Array, at: number): void {
    for (const { part, at: place } of this.#placed) part.clearForComparison?.(row, at + place);
  }

  /** For two streams with the same numbers: true if they also remember the same about their last steps. */
  sameSteps(one: Steps, other: Steps): boolean {
    const within = ({ row, at, ring, ringAt }: Steps, placed: Placed) => ({
      row,
      at: at + placed.at,
      ring,
      ringAt: ringAt + placed.ringAt,
    });
    return this.#rings.every((placed) => sameSteps(placed.part, within(one, placed), within(other, placed)));
  }

  /** Calls the hook `before` of all parts, for the current sample. */
  before(cursor: Cursor): void {
    for (const placed of this.#before) {
      cursor.enter(placed);
      placed.part.before(cursor);
    }
  }

  /** Calls the hook `after` of all parts, for the current forecast. */
  after(cursor: Cursor): void {
    for (const placed of this.#after) {
      cursor.enter(placed);
      placed.part.after(cursor);
    }
  }

  /** Calls the hook `report` of all parts, for the current forecast. */
  report(cursor: Cursor): void {
    for (const placed of this.#reporting) {
      cursor.enter(placed);
      placed.part.report(cursor);
    }
  }

  /**
   * The report of a step. Its numbers are copied now and become a `Trust` only when the returned function is called,
   * because few forecasts are asked for theirs. Undefined if no part reports.
   */
  trust(report: Float64Array, at: number): (() => Trust) | undefined {
    if (this.reportSize === 0) return undefined;
    const numbers: number[] = [];
    for (let i = at; i < at + this.reportSize; i++) numbers.push(report[i]!);
    return () => this.#words(numbers);
  }

  #words(report: readonly number[]): Trust {
    const trust = emptyTrust();
    for (const { part, reportAt } of this.#trust) part.trust(report, reportAt, trust);
    return trust;
  }

  #find(part: Part): Placed {
    return this.#placed.find((placed) => placed.part === part)!;
  }
}

type Hooked<H extends Hook> = Placed<Part & Required<Pick<Part, H>>>;

function withHook<H extends Hook>(hook: H, placed: readonly Placed[]): Hooked<H>[] {
  return placed.filter((one): one is Hooked<H> => one.part[hook] !== undefined);
}

function isRing(part: Part): part is RingPart {
  return 'ringSize' in part;
}
